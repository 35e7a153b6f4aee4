#include "utf8.h"

size_t utf8_sequence(const uint8_t *bytes, size_t count)
{
    uint8_t first = bytes[0];
    if (first < 0x80)
        return 1;
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || count < length)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    /* Overlong forms, surrogates and what lies beyond U+10FFFF. */
    if ((first == 0xE0 && bytes[1] < 0xA0) || (first == 0xED && bytes[1] > 0x9F))
        return 0;
    if ((first == 0xF0 && bytes[1] < 0x90) || (first == 0xF4 && bytes[1] > 0x8F))
        return 0;
    return length;
}

bool utf8_valid(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t length = utf8_sequence(bytes + i, count - i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}
