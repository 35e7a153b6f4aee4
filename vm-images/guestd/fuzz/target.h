/* The entry libFuzzer knows; driver.c calls it where there is no libFuzzer. */
#ifndef THAW_FUZZ_TARGET_H
#define THAW_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

#endif
