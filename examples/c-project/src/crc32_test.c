#include <stdio.h>
#include <string.h>

#include "crc32.h"

static int failures;

static void expect(const char *what, uint32_t wanted, uint32_t found) {
    int same = wanted == found;
    printf("%s %s\n", same ? "ok    " : "FAILED", what);
    failures += !same;
}

int main(void) {
    expect("nothing", 0, crc32_update(0, "", 0));
    expect("the check value", 0xcbf43926U, crc32_update(0, "123456789", 9));
    expect("in two pieces", 0xcbf43926U, crc32_update(crc32_update(0, "1234", 4), "56789", 5));
    return failures > 0;
}
