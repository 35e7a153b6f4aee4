/* What is valid UTF-8 (RFC 3629). */
#ifndef THAW_UTF8_H
#define THAW_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length of the valid sequence at `bytes` (`count` >= 1 of them), 0 if there is none. */
size_t utf8_sequence(const uint8_t *bytes, size_t count);
bool utf8_valid(const uint8_t *bytes, size_t count);

#endif
