#ifndef CRC32_H
#define CRC32_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 as in IEEE 802.3, continued from an earlier result; begin with 0. */
uint32_t crc32_update(uint32_t crc, const void *bytes, size_t length);

#endif
