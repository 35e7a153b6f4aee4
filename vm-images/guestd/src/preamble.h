/* Finds the line a session begins with among bytes that may be left over from another one. */
#ifndef THAW_PREAMBLE_H
#define THAW_PREAMBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PREAMBLE_MAGIC "THAW/2 "
#define PREAMBLE_DIGITS 32
#define PREAMBLE_LENGTH (sizeof PREAMBLE_MAGIC - 1 + PREAMBLE_DIGITS + 1)

struct preamble {
    uint8_t line[PREAMBLE_LENGTH];
    size_t matched;
};

/* Takes bytes up to and including a preamble; true when `line` is complete. `*taken` is how many were used. */
bool preamble_hunt(struct preamble *preamble, const uint8_t *bytes, size_t count, size_t *taken);

#endif
