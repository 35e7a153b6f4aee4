#include "preamble.h"

static bool fits(size_t position, uint8_t byte)
{
    const size_t magic = sizeof PREAMBLE_MAGIC - 1;
    if (position < magic)
        return byte == (uint8_t)PREAMBLE_MAGIC[position];
    if (position < magic + PREAMBLE_DIGITS)
        return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
    return byte == '\n';
}

bool preamble_hunt(struct preamble *preamble, const uint8_t *bytes, size_t count, size_t *taken)
{
    for (size_t i = 0; i < count; i++) {
        /* The first letter stands nowhere else in the line, so a mismatch can only begin a new one, not be inside it. */
        if (!fits(preamble->matched, bytes[i]))
            preamble->matched = 0;
        if (!fits(preamble->matched, bytes[i]))
            continue;
        preamble->line[preamble->matched++] = bytes[i];
        if (preamble->matched == PREAMBLE_LENGTH) {
            preamble->matched = 0;
            *taken = i + 1;
            return true;
        }
    }
    *taken = count;
    return false;
}
