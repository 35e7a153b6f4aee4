/*
 * The server side of yamux without any input or output: bytes in become events, frames out wait in an outbox.
 * The rules of docs/guest-protocol.md section 3 are enforced here.
 */
#ifndef THAW_YAMUX_H
#define THAW_YAMUX_H

#include "outbox.h"

#define YAMUX_HEADER 12
#define YAMUX_INITIAL_WINDOW (256u * 1024)
#define YAMUX_MAX_WINDOW (16u * 1024 * 1024)
#define YAMUX_MAX_PAYLOAD (256u * 1024)
#define YAMUX_MAX_STREAMS 1024
/* How far a receive window grows for a stream whose consumer keeps up. */
#define YAMUX_GROWN_WINDOW (4u * 1024 * 1024)

enum yamux_type { YAMUX_DATA, YAMUX_WINDOW_UPDATE, YAMUX_PING, YAMUX_GO_AWAY };
enum yamux_flag { YAMUX_SYN = 1, YAMUX_ACK = 2, YAMUX_FIN = 4, YAMUX_RST = 8 };
enum { YAMUX_GO_AWAY_PROTOCOL_ERROR = 1 };

enum stream_end {
    STREAM_CLOSED,    /* both sides sent FIN, or this side sent RST */
    STREAM_RESET,     /* the host sent RST */
    STREAM_FORGOTTEN, /* the session is over */
};

struct stream {
    struct stream *next;
    void *user;
    uint32_t id;
    uint32_t send_window;
    uint32_t receive_window; /* what the host may still send */
    uint32_t window_size;    /* what it may send while nothing is consumed */
    uint32_t consumed;       /* taken by the consumer and not granted again yet */
    bool fin_sent, fin_received;
};

/* `gone` comes exactly once per stream, last; the stream is freed after it. Any of them may close any stream. */
struct yamux_events {
    void (*opened)(void *context, struct stream *stream);
    void (*data)(void *context, struct stream *stream, const uint8_t *bytes, size_t count);
    void (*finished)(void *context, struct stream *stream);
    void (*granted)(void *context, struct stream *stream);
    void (*gone)(void *context, struct stream *stream, enum stream_end end);
};

#define YAMUX_BUCKETS 256

struct yamux {
    struct outbox *outbox;
    const struct yamux_events *events;
    void *context;
    struct stream *buckets[YAMUX_BUCKETS];
    size_t open_streams;
    uint32_t last_id;
    uint8_t header[YAMUX_HEADER];
    size_t header_length;
    uint32_t payload_left;
    uint8_t payload_flags;
    struct stream *receiving; /* whose payload it is; NULL: of a stream that is closed, thrown away */
    const char *breach;
    bool stopped;
};

void yamux_init(struct yamux *yamux, struct outbox *outbox, const struct yamux_events *events, void *context);
/* Ends every stream as forgotten; the decoder is as new. */
void yamux_reset(struct yamux *yamux);
/*
 * Decodes until the bytes end, a rule is broken or an event asked to stop. Returns how many bytes were taken;
 * yamux->breach then says which rule was broken, and yamux->header holds the frame that broke it.
 */
size_t yamux_input(struct yamux *yamux, const uint8_t *bytes, size_t count);
/* For events: the session is over for this reason. */
void yamux_breach(struct yamux *yamux, const char *reason);
/* For events: leave what follows undecoded. */
void yamux_stop(struct yamux *yamux);

/* Room for payload in the outbox, to be filled and committed; NULL while the send window is used up. */
uint8_t *yamux_reserve(struct yamux *yamux, struct stream *stream, size_t *room);
void yamux_commit(struct yamux *yamux, struct stream *stream, size_t count);
/* A whole small message or, when it does not fit the send window, nothing. */
bool yamux_send(struct yamux *yamux, struct stream *stream, const void *bytes, size_t count);
/* The consumer took `count` bytes; `drained`: nothing waits for it any more. */
void yamux_consumed(struct yamux *yamux, struct stream *stream, size_t count, bool drained);
/* The stream may be gone when these return. */
void yamux_finish(struct yamux *yamux, struct stream *stream);
void yamux_abort(struct yamux *yamux, struct stream *stream);
void yamux_go_away(struct yamux *yamux, uint32_t code);

/* Shared by yamux.c and yamux_send.c. */
void yamux_release(struct yamux *yamux, struct stream *stream, enum stream_end end);
void yamux_queue_frame(struct byte_queue *lane, enum yamux_type type, unsigned flags, uint32_t id, uint32_t length);

#endif
