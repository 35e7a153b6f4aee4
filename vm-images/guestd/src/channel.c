#include "channel.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conversation.h"
#include "terminal.h"

#define MOST_PER_READ 65536

/* Emptying into nothing needs no room in the outbox and must not wait for it. */
static struct channel_list *list_of(const struct channel *channel)
{
    return channel->discarding ? &channel->guest->discarding : &channel->guest->ready;
}

static void make_ready(struct channel *channel)
{
    if (!channel->in_list && channel->readable && !channel->connecting)
        channel_list_append(list_of(channel), channel);
}

static void leave_ready(struct channel *channel)
{
    if (channel->in_list)
        channel_list_remove(list_of(channel), channel);
}

/* --- host to guest --------------------------------------------------------------------------------------------- */

static void consumed(struct channel *channel, size_t count, bool drained)
{
    if (channel->stream != NULL && count > 0)
        yamux_consumed(&channel->guest->yamux, channel->stream, count, drained);
}

static void end_to_guest(struct channel *channel, bool broken)
{
    if (!(channel->directions & CHANNEL_TO_GUEST))
        return;
    channel->directions &= ~(unsigned)CHANNEL_TO_GUEST;
    consumed(channel, channel->waiting.length, true);
    byte_queue_clear(&channel->waiting);
    channel->events->to_guest_ended(channel, broken);
}

/* How many bytes the descriptor took; -1: nobody reads from it any more. */
static ssize_t write_some(struct channel *channel, const uint8_t *bytes, size_t count)
{
    ssize_t written = write(channel->watch.fd, bytes, count);
    if (written < 0 && errno != EAGAIN && errno != EINTR)
        return -1;
    if (written < (ssize_t)count)
        channel->writable = written < 0 && errno == EINTR;
    return written < 0 ? 0 : written;
}

static void write_waiting(struct channel *channel)
{
    size_t total = 0, count;
    while (channel->writable && channel->waiting.length > 0) {
        const uint8_t *bytes = byte_queue_front(&channel->waiting, &count);
        ssize_t written = write_some(channel, bytes, count);
        if (written < 0) {
            consumed(channel, total, true);
            end_to_guest(channel, true);
            return;
        }
        byte_queue_drop(&channel->waiting, (size_t)written);
        total += (size_t)written;
    }
    consumed(channel, total, channel->waiting.length == 0);
    if (channel->waiting.length == 0 && channel->host_finished && channel->watch.fd >= 0 && !channel->connecting)
        end_to_guest(channel, false);
}

static void on_data(void *owner, const uint8_t *bytes, size_t count)
{
    struct channel *channel = owner;
    if (!(channel->directions & CHANNEL_TO_GUEST)) {
        consumed(channel, count, true);
        return;
    }
    channel->mid_line = bytes[count - 1] != '\n';
    size_t taken = 0;
    if (channel->waiting.length == 0 && channel->writable) {
        ssize_t written = write_some(channel, bytes, count);
        if (written < 0) {
            consumed(channel, count, true);
            end_to_guest(channel, true);
            return;
        }
        taken = (size_t)written;
    }
    byte_queue_append(&channel->waiting, bytes + taken, count - taken);
    consumed(channel, taken, taken == count);
}

/* A terminal has no end of input but the one that is typed: on a line of its own, or once more to end that line. */
static void type_end(struct channel *channel)
{
    uint8_t end = terminal_end_character(channel->watch.fd);
    uint8_t typed[2] = {end, end};
    byte_queue_append(&channel->waiting, typed, channel->mid_line ? 2 : 1);
}

static void on_finished(void *owner)
{
    struct channel *channel = owner;
    channel->host_finished = true;
    if (channel->kind == CHANNEL_TERMINAL && (channel->directions & CHANNEL_TO_GUEST))
        type_end(channel);
    write_waiting(channel);
}

static void on_granted(void *owner)
{
    make_ready(owner);
}

static void on_gone(void *owner, enum stream_end end)
{
    struct channel *channel = owner;
    channel->stream = NULL;
    channel->events->stream_gone(channel, end);
}

static const struct role channel_role = {on_data, on_finished, on_granted, on_gone};

/* --- guest to host --------------------------------------------------------------------------------------------- */

static void end_to_host(struct channel *channel, bool broken)
{
    channel->directions &= ~(unsigned)CHANNEL_TO_HOST;
    channel->events->to_host_ended(channel, broken);
}

static void discard_some(struct channel *channel)
{
    static uint8_t nowhere[MOST_PER_READ];
    ssize_t count = read(channel->watch.fd, nowhere, sizeof nowhere);
    if (count > 0 || (count < 0 && errno == EINTR)) {
        make_ready(channel);
    } else if (count < 0 && errno == EAGAIN) {
        channel->readable = false;
    } else {
        channel_close(channel);
    }
}

static void send_some(struct channel *channel)
{
    size_t room;
    uint8_t *payload = yamux_reserve(&channel->guest->yamux, channel->stream, &room);
    if (payload == NULL)
        return; /* on_granted() comes back to it */
    if (channel->held_only && room > channel->held)
        room = channel->held;
    ssize_t count = read(channel->watch.fd, payload, room);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
        end_to_host(channel, count < 0);
        return;
    }
    if (count > 0) {
        yamux_commit(&channel->guest->yamux, channel->stream, (size_t)count);
        channel->held -= channel->held_only ? (size_t)count : 0;
        if (channel->held_only && channel->held == 0) {
            end_to_host(channel, false);
            return;
        }
    }
    /* A pipe that gave less than asked is empty, which saves the call that would say so; its end comes as an event. */
    bool emptied =
        count < 0 ? errno == EAGAIN : channel->kind == CHANNEL_PIPE && !channel->hung_up && (size_t)count < room;
    if (emptied && channel->held_only && channel->kind == CHANNEL_TERMINAL) {
        end_to_host(channel, false);
        return;
    }
    channel->readable = !emptied;
    make_ready(channel);
}

void channels_pump(struct guest *guest)
{
    for (size_t turns = guest->discarding.count; turns > 0 && guest->discarding.first != NULL; turns--) {
        struct channel *channel = guest->discarding.first;
        leave_ready(channel);
        discard_some(channel);
    }
    for (size_t turns = guest->ready.count; turns > 0 && guest->ready.first != NULL; turns--) {
        if (outbox_has_enough(guest))
            return;
        struct channel *channel = guest->ready.first;
        leave_ready(channel);
        if (channel->stream != NULL && (channel->directions & CHANNEL_TO_HOST))
            send_some(channel);
    }
}

/* --- life ------------------------------------------------------------------------------------------------------ */

static void finish_connecting(struct channel *channel)
{
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(channel->watch.fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
        error = errno;
    channel->connecting = false;
    channel->events->connected(channel, error);
}

static void on_event(struct watch *watch, uint32_t events)
{
    struct channel *channel = (struct channel *)watch;
    if (channel->connecting)
        finish_connecting(channel);
    if (watch->fd < 0)
        return;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        channel->readable = true;
        channel->hung_up |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
        if (channel->discarding || (channel->directions & CHANNEL_TO_HOST))
            make_ready(channel);
    }
    if (!(channel->directions & CHANNEL_TO_GUEST))
        return;
    if (channel->kind == CHANNEL_PIPE && (events & EPOLLERR)) {
        end_to_guest(channel, true);
    } else if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
        channel->writable = true;
        write_waiting(channel);
    }
}

struct channel *channel_open(struct guest *guest, struct stream *stream, unsigned directions,
                             const struct channel_events *events, void *owner)
{
    struct channel *channel = allocate(sizeof *channel);
    channel->watch = (struct watch){.fd = -1, .on_event = on_event};
    channel->guest = guest;
    channel->stream = stream;
    channel->directions = directions;
    channel->events = events;
    channel->owner = owner;
    conversation_assign(stream, &channel_role, channel);
    return channel;
}

bool channel_attach(struct channel *channel, int fd, enum channel_kind kind)
{
    channel->watch.fd = fd;
    channel->kind = kind;
    if (kind == CHANNEL_TERMINAL && channel->host_finished)
        type_end(channel);
    if (loop_add(&channel->guest->loop, &channel->watch))
        return true;
    channel->watch.fd = -1;
    close(fd);
    return false;
}

void channel_send_held(struct channel *channel)
{
    int held = 0;
    /* The kernel carries from slave to master by a worker, and only a read waits for it. */
    if (channel->kind == CHANNEL_TERMINAL)
        held = TERMINAL_HOLDS_LESS;
    else if (ioctl(channel->watch.fd, FIONREAD, &held) < 0)
        held = 0;
    channel->held_only = true;
    channel->held = (size_t)held;
    if (held == 0) {
        end_to_host(channel, false);
        return;
    }
    channel->readable = true;
    make_ready(channel);
}

static void let_stream_go(struct channel *channel)
{
    if (channel->stream != NULL)
        conversation_assign(channel->stream, &role_none, NULL);
    channel->stream = NULL;
}

void channel_discard(struct channel *channel)
{
    let_stream_go(channel);
    leave_ready(channel);
    channel->directions = 0;
    channel->discarding = true;
    channel->owner = NULL;
    channel->readable = true;
    make_ready(channel);
}

void channel_close(struct channel *channel)
{
    let_stream_go(channel);
    leave_ready(channel);
    if (channel->watch.fd >= 0) {
        int fd = channel->watch.fd;
        loop_remove(&channel->guest->loop, &channel->watch);
        close(fd);
    }
    byte_queue_clear(&channel->waiting);
    loop_retire(&channel->guest->loop, channel);
}
