#include "../src/preamble.h"

#include "check.h"

#define LINE "THAW/2 0123456789abcdef0123456789abcdef\n"

/* How many bytes of the text were taken when the preamble was complete; 0: it never was. */
static size_t hunt(const char *text, size_t length)
{
    struct preamble preamble = {0};
    size_t taken;
    return preamble_hunt(&preamble, (const uint8_t *)text, length, &taken) ? taken : 0;
}

TEST(preamble_is_found_and_nothing_after_it_is_taken)
{
    static const char text[] = LINE "rest";
    CHECK(PREAMBLE_LENGTH == 40);
    CHECK(hunt(text, sizeof text - 1) == 40);
}

TEST(preamble_is_found_behind_rubbish_and_broken_beginnings)
{
    static const char text[] = "\0\xFF\nTHAW/1 TTHAW/2 0123THAW/2 0123456789ABCDEFTHAW/2 \nTHAW/" LINE "x";
    CHECK(hunt(text, sizeof text - 1) == sizeof text - 2);
}

TEST(preamble_is_found_byte_by_byte)
{
    struct preamble preamble = {0};
    static const char text[] = "THTHAW/2" LINE;
    size_t taken, found = 0;
    for (size_t i = 0; i < sizeof text - 1; i++)
        if (preamble_hunt(&preamble, (const uint8_t *)text + i, 1, &taken))
            found = i + 1;
    CHECK(found == sizeof text - 1);
    CHECK(memcmp(preamble.line, LINE, PREAMBLE_LENGTH) == 0);
}

TEST(preamble_of_another_shape_is_none)
{
    static const char *const others[] = {
        "THAW/1 0123456789abcdef0123456789abcdef\n", "thaw/2 0123456789abcdef0123456789abcdef\n",
        "THAW/2 0123456789ABCDEF0123456789ABCDEF\n", "THAW/2 0123456789abcdef0123456789abcde\n",
        "THAW/2 0123456789abcdef0123456789abcdef0\n", "THAW/2 0123456789abcdef0123456789abcdef\r\n",
        "THAW/2  123456789abcdef0123456789abcdef\n",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (hunt(others[i], strlen(others[i])) != 0)
            check_failed(__FILE__, __LINE__, others[i]);
}
