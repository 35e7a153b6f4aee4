#include <string.h>

#include "bytes.h"
#include "yamux.h"

static void put_header(uint8_t *to, enum yamux_type type, unsigned flags, uint32_t id, uint32_t length)
{
    to[0] = 0;
    to[1] = (uint8_t)type;
    put_be16(to + 2, (uint16_t)flags);
    put_be32(to + 4, id);
    put_be32(to + 8, length);
}

void yamux_queue_frame(struct byte_queue *lane, enum yamux_type type, unsigned flags, uint32_t id, uint32_t length)
{
    size_t room;
    put_header(byte_queue_reserve(lane, YAMUX_HEADER, &room), type, flags, id, length);
    byte_queue_commit(lane, YAMUX_HEADER);
}

/* Less room than this at the end of a block is not worth a frame of its own. */
#define LEAST_PAYLOAD 4096u

static uint8_t *reserve(struct yamux *yamux, const struct stream *stream, size_t least, size_t *room)
{
    if (stream->send_window == 0 || stream->fin_sent)
        return NULL;
    if (least > stream->send_window)
        least = stream->send_window;
    uint8_t *frame = byte_queue_reserve(&yamux->outbox->data, YAMUX_HEADER + least, room);
    *room -= YAMUX_HEADER;
    if (*room > stream->send_window)
        *room = stream->send_window;
    return frame + YAMUX_HEADER;
}

uint8_t *yamux_reserve(struct yamux *yamux, struct stream *stream, size_t *room)
{
    return reserve(yamux, stream, LEAST_PAYLOAD, room);
}

void yamux_commit(struct yamux *yamux, struct stream *stream, size_t count)
{
    struct block *block = yamux->outbox->data.last;
    put_header(block->bytes + block->tail, YAMUX_DATA, 0, stream->id, (uint32_t)count);
    byte_queue_commit(&yamux->outbox->data, YAMUX_HEADER + count);
    stream->send_window -= (uint32_t)count;
}

bool yamux_send(struct yamux *yamux, struct stream *stream, const void *bytes, size_t count)
{
    size_t room;
    if (stream->fin_sent || count > stream->send_window || count > LEAST_PAYLOAD)
        return false;
    uint8_t *payload = reserve(yamux, stream, count, &room);
    memcpy(payload, bytes, count);
    yamux_commit(yamux, stream, count);
    return true;
}

void yamux_consumed(struct yamux *yamux, struct stream *stream, size_t count, bool drained)
{
    stream->consumed += (uint32_t)count;
    if (stream->fin_received || stream->consumed < stream->window_size / 2)
        return;
    uint32_t grant = stream->consumed;
    /* Half a window came and the consumer has taken all of it: it is the window that limits the host now. */
    if (drained && stream->window_size < YAMUX_GROWN_WINDOW) {
        grant += stream->window_size;
        stream->window_size *= 2;
    }
    stream->consumed = 0;
    stream->receive_window += grant;
    yamux_queue_frame(&yamux->outbox->control, YAMUX_WINDOW_UPDATE, 0, stream->id, grant);
}

void yamux_finish(struct yamux *yamux, struct stream *stream)
{
    if (stream->fin_sent)
        return;
    stream->fin_sent = true;
    /* In the data lane: it must not pass the bytes it ends. */
    yamux_queue_frame(&yamux->outbox->data, YAMUX_WINDOW_UPDATE, YAMUX_FIN, stream->id, 0);
    if (stream->fin_received)
        yamux_release(yamux, stream, STREAM_CLOSED);
}

void yamux_abort(struct yamux *yamux, struct stream *stream)
{
    /* In the data lane too: what was sent before it is to arrive. */
    yamux_queue_frame(&yamux->outbox->data, YAMUX_WINDOW_UPDATE, YAMUX_RST, stream->id, 0);
    yamux_release(yamux, stream, STREAM_CLOSED);
}

void yamux_go_away(struct yamux *yamux, uint32_t code)
{
    yamux_queue_frame(&yamux->outbox->control, YAMUX_GO_AWAY, 0, 0, code);
}
