/* What one stream is about: its opening line first, then whatever role that line gave it. */
#ifndef THAW_CONVERSATION_H
#define THAW_CONVERSATION_H

#include "json.h"
#include "yamux.h"

struct guest;

#define MAX_OPENING_LINE (1024u * 1024)

struct role {
    void (*data)(void *owner, const uint8_t *bytes, size_t count);
    void (*finished)(void *owner);
    void (*granted)(void *owner);
    void (*gone)(void *owner, enum stream_end end);
};

/* Of a stream that has been answered: what still comes is ignored. */
extern const struct role role_none;

/* The events of all streams; their context is the guest. */
extern const struct yamux_events conversation_events;

void conversation_assign(struct stream *stream, const struct role *role, void *owner);

/* Answers end with FIN; the stream may be gone afterwards. */
void answer(struct guest *guest, struct stream *stream, const struct json_line *line);
void answer_ok(struct guest *guest, struct stream *stream);
void answer_error(struct guest *guest, struct stream *stream, const char *message);

#endif
