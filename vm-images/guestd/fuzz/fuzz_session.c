/*
 * The whole way of bytes from the port: preamble, yamux, opening lines, streams. The platform below gives them out in
 * pieces, takes answers as a slow port does, and lets nobody start a process or a connection.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "../src/channel.h"
#include "../src/dial.h"
#include "target.h"

static struct guest guest;
static const uint8_t *input;
static size_t input_left, piece, answered;
static jmp_buf machine_ended;

/* --- the platform ---------------------------------------------------------------------------------------------- */

void platform_protect(void)
{
}

void platform_open_port(int argc, char **argv, struct loop *loop, struct watch *watch)
{
    (void)argc;
    (void)argv;
    (void)loop;
    (void)watch;
}

ssize_t platform_read_port(void *bytes, size_t count)
{
    size_t part = count < piece ? count : piece;
    errno = EAGAIN;
    if (input_left == 0)
        return -1;
    part = part < input_left ? part : input_left;
    memcpy(bytes, input, part);
    input += part;
    input_left -= part;
    return (ssize_t)part;
}

ssize_t platform_write_port(const void *bytes, size_t count)
{
    static uint8_t last;
    size_t part = count < 3 * piece ? count : 3 * piece;
    errno = EAGAIN;
    if (++answered % 5 == 0)
        return -1;
    for (size_t i = 0; i < part; i++)
        last ^= ((const uint8_t *)bytes)[i]; /* the sanitizer is to see every byte read */
    return (ssize_t)part;
}

void platform_reopen_port(void)
{
}

void platform_end_machine(enum guest_end end)
{
    longjmp(machine_ended, 1 + (int)end);
}

bool platform_set_clock(int64_t time_ns)
{
    return time_ns % 7 != 0;
}

bool platform_mix_entropy(const uint8_t *bytes, size_t count)
{
    return count == ENTROPY_BYTES && bytes[0] != 7;
}

bool platform_set_machine_id(const char *machine_id)
{
    return strlen(machine_id) == MACHINE_ID_DIGITS;
}

bool platform_set_hostname(const char *hostname)
{
    return hostname[0] != '\0';
}

/* Nobody is found, so no fuzzed argv is ever run. */
bool platform_find_user(const char *name, struct user *user)
{
    (void)name;
    (void)user;
    return false;
}

int platform_become(const struct user *user)
{
    (void)user;
    return EPERM;
}

/* --- connections that lead nowhere, in place of dial.c ---------------------------------------------------------- */

static void on_to_host_ended(struct channel *channel, bool broken)
{
    (void)broken;
    channel_close(channel);
}

static void on_stream_gone(struct channel *channel, enum stream_end end)
{
    (void)end;
    channel_close(channel);
}

static const struct channel_events nowhere = {NULL, on_to_host_ended, on_to_host_ended, on_stream_gone};

void dial_open(struct guest *owner, struct stream *stream, const struct request *request)
{
    (void)request;
    channel_open(owner, stream, CHANNEL_TO_GUEST, &nowhere, NULL);
}

/* --- the target ------------------------------------------------------------------------------------------------- */

#define MOST_ROUNDS 4096

static void serve(void)
{
    if (setjmp(machine_ended) != 0)
        return;
    for (int round = 0; round < MOST_ROUNDS && (input_left > 0 || outbox_length(&guest.outbox) > 0); round++) {
        guest.session.port_readable = true;
        guest.session.port_full = false;
        session_read(&guest);
        channels_pump(&guest);
        session_write(&guest);
    }
}

static void check_bounds(void)
{
    if (guest.yamux.open_streams > YAMUX_MAX_STREAMS)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    if (count == 0)
        return 0;
    if (guest.yamux.events == NULL) {
        loop_init(&guest.loop);
        session_init(&guest);
    }
    piece = (size_t)bytes[0] * bytes[0] + 1;
    input = bytes + 1;
    input_left = count - 1;
    answered = 0;
    serve();
    check_bounds();
    yamux_reset(&guest.yamux);
    outbox_reset(&guest.outbox);
    execs_forget_session(&guest);
    if (guest.execs.first != NULL || guest.ready.first != NULL)
        abort(); /* something outlived its session though nothing was ever started */
    struct watch port = guest.session.port;
    memset(&guest.session, 0, sizeof guest.session);
    guest.session.port = port;
    loop_wait(&guest.loop, 0);
    return 0;
}
