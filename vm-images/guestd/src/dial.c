#include "dial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "channel.h"

static void answer_failure(struct guest *guest, struct stream *stream, int error)
{
    char message[128];
    snprintf(message, sizeof message, "dial: %s", strerror(error));
    answer_error(guest, stream, message);
}

static void on_connected(struct channel *channel, int error)
{
    static const char ok[] = "{\"ok\":true}\n";
    if (error == 0) {
        yamux_send(&channel->guest->yamux, channel->stream, ok, sizeof ok - 1);
        return;
    }
    struct stream *stream = channel->stream;
    channel_close(channel);
    answer_failure(channel->guest, stream, error);
}

static void close_if_over(struct channel *channel)
{
    if (channel->directions == 0)
        channel_close(channel);
}

static void on_to_host_ended(struct channel *channel, bool broken)
{
    if (broken) {
        channel->directions = 0;
        yamux_abort(&channel->guest->yamux, channel->stream);
        return;
    }
    yamux_finish(&channel->guest->yamux, channel->stream);
    if (channel->stream != NULL)
        close_if_over(channel);
}

static void on_to_guest_ended(struct channel *channel, bool broken)
{
    if (!broken)
        shutdown(channel->watch.fd, SHUT_WR);
    close_if_over(channel);
}

static void on_stream_gone(struct channel *channel, enum stream_end end)
{
    /* Both sides said FIN, and the connection has not taken all of the host's bytes yet: it still gets them. */
    if (end == STREAM_CLOSED && (channel->directions & CHANNEL_TO_GUEST))
        return;
    channel_close(channel);
}

static const struct channel_events dial_events = {on_connected, on_to_host_ended, on_to_guest_ended, on_stream_gone};

/* The descriptor, connected or connecting; -1 with errno. */
static int connect_to(const struct request *request)
{
    struct sockaddr_un path = {.sun_family = AF_UNIX};
    bool is_unix = request->kind == REQUEST_DIAL_UNIX;
    int fd = socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int result;
    if (is_unix) {
        memcpy(path.sun_path, request->unix_path, strlen(request->unix_path));
        result = connect(fd, (const struct sockaddr *)&path, sizeof path);
    } else {
        result = connect(fd, (const struct sockaddr *)&request->tcp_address, sizeof request->tcp_address);
    }
    if (result == 0 || errno == EINPROGRESS)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

void dial_open(struct guest *guest, struct stream *stream, const struct request *request)
{
    int fd = connect_to(request);
    if (fd < 0) {
        answer_failure(guest, stream, errno);
        return;
    }
    struct channel *channel = channel_open(guest, stream, CHANNEL_TO_HOST | CHANNEL_TO_GUEST, &dial_events, NULL);
    /* The first event of the descriptor says how connecting went, also when it was at once. */
    channel->connecting = true;
    if (!channel_attach(channel, fd, CHANNEL_SOCKET)) {
        channel_close(channel);
        answer_failure(guest, stream, ENOMEM);
    }
}
