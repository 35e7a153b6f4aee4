/*
 * Prints the rate of this processor's time stamp counter in kHz, measured against the monotonic clock. A guest under
 * emulation counts the same ticks and is told their rate, see `tsc_early_khz`. /proc/cpuinfo does not know it: its
 * `cpu MHz` is what the core runs at just now.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define WINDOW_NS 100000000

/* A reading of both clocks that nothing came between: the shortest of some attempts. */
static void read_both(int64_t *ns, uint64_t *ticks) {
    uint64_t shortest = UINT64_MAX;
    for (int attempt = 0; attempt < 16; attempt++) {
        struct timespec now;
        uint64_t before = __rdtsc();
        clock_gettime(CLOCK_MONOTONIC_RAW, &now);
        uint64_t after = __rdtsc();
        if (after - before < shortest) {
            shortest = after - before;
            *ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
            *ticks = before + (after - before) / 2;
        }
    }
}

int main(void) {
    int64_t from_ns, to_ns;
    uint64_t from, to;
    struct timespec window = {.tv_sec = 0, .tv_nsec = WINDOW_NS};
    read_both(&from_ns, &from);
    nanosleep(&window, NULL);
    read_both(&to_ns, &to);
    printf("%.0f\n", (double) (to - from) * 1e6 / (double) (to_ns - from_ns));
    return 0;
}
