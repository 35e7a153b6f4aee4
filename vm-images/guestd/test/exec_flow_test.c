/* Much data, and sides that are slow. */
#include <stdlib.h>
#include <unistd.h>

#include "../src/yamux.h"
#include "host.h"

#define MANY (20u * 1024 * 1024)

static uint8_t *numbered_bytes(size_t count)
{
    uint32_t state = 2463534242u;
    uint8_t *bytes = malloc(count);
    for (size_t i = 0; i < count; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        bytes[i] = (uint8_t)state;
    }
    return bytes;
}

TEST(twenty_megabytes_go_through_a_process_in_order)
{
    host_start();
    host_begin_warming();
    uint8_t *bytes = numbered_bytes(MANY);
    struct run run = host_run("[\"cat\"]");
    host_send(run.in, bytes, MANY);
    host_finish(run.in);
    host_hear_end(run.control);
    const struct heard *out = host_heard(run.out);
    bool same = out->length == MANY && memcmp(out->bytes, bytes, MANY) == 0;
    free(bytes);
    CHECK(same);
}

TEST(a_host_that_grants_nothing_gets_one_window_and_blocks_the_process)
{
    host_start();
    host_begin_warming();
    host.grants = false;
    struct run run = host_run("[\"yes\"]");
    host_hear_for(200);
    size_t before = guestd_memory_kib();
    host_hear_for(400);
    CHECK(host_heard(run.out)->length == YAMUX_INITIAL_WINDOW);
    CHECK(guestd_memory_kib() < before + 256);
    host_grant(run.out, 1000);
    host_hear_for(100);
    CHECK(host_heard(run.out)->length == YAMUX_INITIAL_WINDOW + 1000);
}

TEST(a_host_that_does_not_read_costs_bounded_memory_and_loses_nothing)
{
    host_start();
    host_begin_warming();
    struct run run = host_run_script("head -c 9000000 /dev/zero");
    host_grant(run.out, YAMUX_MAX_WINDOW - YAMUX_INITIAL_WINDOW);
    host.grants = false;
    size_t before = guestd_memory_kib();
    usleep(500000);
    CHECK(guestd_memory_kib() < before + 2048);
    host_hear_end(run.control);
    CHECK(host_heard(run.out)->length == 9000000);
}

TEST(a_process_that_does_not_read_costs_no_more_than_its_window)
{
    host_start();
    host_begin_warming();
    struct run run = host_run("[\"sleep\",\"60\"]");
    struct heard *in = host_heard(run.in);
    static const char block[4096];
    size_t sent = 0, before = guestd_memory_kib();
    do {
        while (host_hear(in->window == 0 ? 300 : 0))
            continue;
        for (; in->window >= sizeof block; sent += sizeof block)
            host_send(run.in, block, sizeof block);
        if (in->window > 0)
            host_send(run.in, block, in->window);
        host_hear(300);
    } while (in->window > 0);
    /* The pipe's 1 MiB at most, the window as far as it grew meanwhile, and what a window update may lag behind. */
    CHECK(sent <= 8u * 1024 * 1024);
    CHECK(guestd_memory_kib() < before + 5 * 1024);
}

TEST(a_ping_is_answered_while_output_waits)
{
    host_start();
    host_begin_warming();
    struct run run = host_run("[\"yes\"]");
    host_hear_text(run.out, "y\n");
    host_frame(YAMUX_PING, YAMUX_SYN, 0, 42);
    size_t before = host_heard(run.out)->length;
    while (host.pongs == 0)
        CHECK(host_hear(1000));
    CHECK(host_heard(run.out)->length - before < 4u * 1024 * 1024);
}

TEST(many_processes_run_at_once_and_every_outcome_is_told)
{
    enum { COUNT = 60 };
    struct run runs[COUNT];
    char argv[64], expected[32];
    host_start();
    host_begin_warming();
    for (int i = 0; i < COUNT; i++) {
        snprintf(argv, sizeof argv, "[\"sh\",\"-c\",\"echo %d; exit %d\"]", i, i);
        runs[i] = host_run(argv);
    }
    for (int i = 0; i < COUNT; i++) {
        snprintf(expected, sizeof expected, "{\"exited\":%d}\n", i);
        CHECK(strstr(host_hear_end(runs[i].control), expected) != NULL);
        snprintf(expected, sizeof expected, "%d\n", i);
        CHECK_TEXT(host_hear_end(runs[i].out), expected);
    }
}
