#include "yamux.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"

void yamux_init(struct yamux *yamux, struct outbox *outbox, const struct yamux_events *events, void *context)
{
    memset(yamux, 0, sizeof *yamux);
    yamux->outbox = outbox;
    yamux->events = events;
    yamux->context = context;
}

static struct stream *find(struct yamux *yamux, uint32_t id)
{
    struct stream *stream = yamux->buckets[id / 2 % YAMUX_BUCKETS];
    while (stream != NULL && stream->id != id)
        stream = stream->next;
    return stream;
}

void yamux_release(struct yamux *yamux, struct stream *stream, enum stream_end end)
{
    struct stream **link = &yamux->buckets[stream->id / 2 % YAMUX_BUCKETS];
    while (*link != stream)
        link = &(*link)->next;
    *link = stream->next;
    yamux->open_streams--;
    if (yamux->receiving == stream)
        yamux->receiving = NULL;
    yamux->events->gone(yamux->context, stream, end);
    free(stream);
}

void yamux_reset(struct yamux *yamux)
{
    for (size_t i = 0; i < YAMUX_BUCKETS; i++)
        while (yamux->buckets[i] != NULL)
            yamux_release(yamux, yamux->buckets[i], STREAM_FORGOTTEN);
    yamux_init(yamux, yamux->outbox, yamux->events, yamux->context);
}

void yamux_breach(struct yamux *yamux, const char *reason)
{
    if (yamux->breach == NULL)
        yamux->breach = reason;
    yamux->stopped = true;
}

void yamux_stop(struct yamux *yamux)
{
    yamux->stopped = true;
}

static struct stream *open_stream(struct yamux *yamux, uint32_t id)
{
    if (id % 2 == 0 || id <= yamux->last_id) {
        yamux_breach(yamux, "a stream was opened with an id of the wrong parity or out of order");
        return NULL;
    }
    yamux->last_id = id;
    if (yamux->open_streams >= YAMUX_MAX_STREAMS) {
        yamux_queue_frame(&yamux->outbox->control, YAMUX_WINDOW_UPDATE, YAMUX_RST, id, 0);
        return NULL;
    }
    struct stream *stream = allocate(sizeof *stream);
    stream->id = id;
    stream->send_window = stream->receive_window = stream->window_size = YAMUX_INITIAL_WINDOW;
    struct stream **bucket = &yamux->buckets[id / 2 % YAMUX_BUCKETS];
    stream->next = *bucket;
    *bucket = stream;
    yamux->open_streams++;
    yamux_queue_frame(&yamux->outbox->control, YAMUX_WINDOW_UPDATE, YAMUX_ACK, id, 0);
    yamux->events->opened(yamux->context, stream);
    return find(yamux, id);
}

/* The stream a frame is for; NULL with no breach: one that is closed, and the frame is ignored. */
static struct stream *addressed_stream(struct yamux *yamux, uint32_t id, unsigned flags)
{
    if (flags & YAMUX_SYN)
        return open_stream(yamux, id);
    struct stream *stream = find(yamux, id);
    if (stream == NULL && (id % 2 == 0 || id > yamux->last_id))
        yamux_breach(yamux, "a frame for a stream that never existed");
    return stream;
}

static void host_finished(struct yamux *yamux, struct stream *stream)
{
    if (stream->fin_received)
        return;
    uint32_t id = stream->id;
    stream->fin_received = true;
    yamux->events->finished(yamux->context, stream);
    stream = find(yamux, id);
    if (stream != NULL && stream->fin_sent)
        yamux_release(yamux, stream, STREAM_CLOSED);
}

/* What a frame's flags say once its payload, if any, has been passed on. */
static void end_frame(struct yamux *yamux, struct stream *stream, unsigned flags)
{
    if (stream == NULL || yamux->breach != NULL)
        return;
    if (flags & YAMUX_RST)
        yamux_release(yamux, stream, STREAM_RESET);
    else if (flags & YAMUX_FIN)
        host_finished(yamux, stream);
}

static void begin_data(struct yamux *yamux, uint32_t id, unsigned flags, uint32_t length)
{
    if (length > YAMUX_MAX_PAYLOAD) {
        yamux_breach(yamux, "a data frame is longer than 256 KiB");
        return;
    }
    struct stream *stream = addressed_stream(yamux, id, flags);
    /* The host closed this direction: like a closed stream, what still comes is ignored. */
    if (stream != NULL && stream->fin_received && !(flags & YAMUX_RST))
        stream = NULL;
    if (stream != NULL && length > stream->receive_window) {
        yamux_breach(yamux, "a data frame exceeds the receive window");
        return;
    }
    if (yamux->breach != NULL)
        return;
    if (stream != NULL)
        stream->receive_window -= length;
    if (length == 0) {
        end_frame(yamux, stream, flags);
        return;
    }
    yamux->payload_left = length;
    yamux->payload_flags = (uint8_t)flags;
    yamux->receiving = stream;
}

static void window_update(struct yamux *yamux, uint32_t id, unsigned flags, uint32_t delta)
{
    struct stream *stream = addressed_stream(yamux, id, flags);
    if (stream == NULL)
        return;
    if (delta > YAMUX_MAX_WINDOW - stream->send_window) {
        yamux_breach(yamux, "a window update beyond 16 MiB");
        return;
    }
    stream->send_window += delta;
    if (delta > 0 && !(flags & YAMUX_RST)) {
        yamux->events->granted(yamux->context, stream);
        stream = find(yamux, id);
    }
    end_frame(yamux, stream, flags);
}

static void begin_frame(struct yamux *yamux)
{
    const uint8_t *header = yamux->header;
    unsigned flags = get_be16(header + 2);
    uint32_t id = get_be32(header + 4), length = get_be32(header + 8);
    if (header[0] != 0) {
        yamux_breach(yamux, "a frame of another yamux version");
    } else if (flags & ~(unsigned)(YAMUX_SYN | YAMUX_ACK | YAMUX_FIN | YAMUX_RST)) {
        yamux_breach(yamux, "a frame with an unknown flag");
    } else if (header[1] == YAMUX_DATA) {
        begin_data(yamux, id, flags, length);
    } else if (header[1] == YAMUX_WINDOW_UPDATE) {
        window_update(yamux, id, flags, length);
    } else if (header[1] > YAMUX_GO_AWAY) {
        yamux_breach(yamux, "a frame of an unknown type");
    } else if (id != 0) {
        yamux_breach(yamux, "a session frame that names a stream");
    } else if (header[1] == YAMUX_PING && (flags & YAMUX_SYN)) {
        yamux_queue_frame(&yamux->outbox->control, YAMUX_PING, YAMUX_ACK, 0, length);
    }
    /* A go-away asks for nothing: the host opens no more streams, and the end of a session is its hanging up. */
}

static size_t take_payload(struct yamux *yamux, const uint8_t *bytes, size_t count)
{
    size_t part = count < yamux->payload_left ? count : yamux->payload_left;
    yamux->payload_left -= (uint32_t)part;
    if (yamux->receiving != NULL)
        yamux->events->data(yamux->context, yamux->receiving, bytes, part);
    if (yamux->payload_left == 0) {
        struct stream *stream = yamux->receiving;
        yamux->receiving = NULL;
        end_frame(yamux, stream, yamux->payload_flags);
    }
    return part;
}

size_t yamux_input(struct yamux *yamux, const uint8_t *bytes, size_t count)
{
    size_t taken = 0;
    while (taken < count && !yamux->stopped) {
        if (yamux->payload_left > 0) {
            taken += take_payload(yamux, bytes + taken, count - taken);
            continue;
        }
        size_t part = YAMUX_HEADER - yamux->header_length;
        if (part > count - taken)
            part = count - taken;
        memcpy(yamux->header + yamux->header_length, bytes + taken, part);
        yamux->header_length += part;
        taken += part;
        if (yamux->header_length == YAMUX_HEADER) {
            yamux->header_length = 0;
            begin_frame(yamux);
        }
    }
    return taken;
}
