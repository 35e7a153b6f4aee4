#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "crc32.h"

int main(void) {
    unsigned char buffer[4096];
    uint32_t crc = 0;
    size_t length;
    while ((length = fread(buffer, 1, sizeof buffer, stdin)) > 0) {
        crc = crc32_update(crc, buffer, length);
    }
#ifdef HAVE_EXPLICIT_BZERO
    explicit_bzero(buffer, sizeof buffer);
#endif
    printf("%08" PRIx32 "\n", crc);
    return ferror(stdin) ? 1 : 0;
}
