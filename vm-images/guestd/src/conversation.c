#include "conversation.h"

#include <stdlib.h>
#include <string.h>

#include "dial.h"
#include "gate.h"
#include "guest.h"
#include "utf8.h"

struct conversation {
    struct guest *guest;
    struct stream *stream;
    const struct role *role;
    void *owner;
    char *line; /* the opening line so far */
    size_t length, capacity;
};

static void ignore_data(void *owner, const uint8_t *bytes, size_t count)
{
    (void)owner;
    (void)bytes;
    (void)count;
}

static void ignore_event(void *owner)
{
    (void)owner;
}

static void ignore_end(void *owner, enum stream_end end)
{
    (void)owner;
    (void)end;
}

const struct role role_none = {ignore_data, ignore_event, ignore_event, ignore_end};

void conversation_assign(struct stream *stream, const struct role *role, void *owner)
{
    struct conversation *conversation = stream->user;
    conversation->role = role;
    conversation->owner = owner;
}

void answer(struct guest *guest, struct stream *stream, const struct json_line *line)
{
    yamux_send(&guest->yamux, stream, line->text, line->length);
    yamux_finish(&guest->yamux, stream);
}

void answer_ok(struct guest *guest, struct stream *stream)
{
    struct json_line line;
    json_begin(&line);
    json_add_boolean(&line, "ok", true);
    json_end(&line);
    answer(guest, stream, &line);
}

void answer_error(struct guest *guest, struct stream *stream, const char *message)
{
    struct json_line line;
    json_begin(&line);
    json_add_string(&line, "error", message);
    json_end(&line);
    answer(guest, stream, &line);
}

/* A session that is warming may run steps but is no job; both have passed the gate. */
static bool gate_is_open(const struct guest *guest)
{
    return guest->session.gate == GATE_OPEN || guest->session.gate == GATE_WARMING;
}

static void freeze(struct guest *guest, struct stream *stream, const char *nonce)
{
    const char *refusal = NULL;
    if (guest->session.gate != GATE_WARMING)
        refusal = "freeze: this session is not a warming one";
    else if (execs_running(&guest->execs))
        refusal = "freeze: a process is still running";
    else if (guest->yamux.open_streams > 1)
        refusal = "freeze: another stream is open";
    if (refusal != NULL) {
        answer_error(guest, stream, refusal);
        return;
    }
    strcpy(guest->boot_nonce, nonce);
    answer_ok(guest, stream);
    session_forget_after_answer(guest);
}

static void dispatch(struct guest *guest, struct stream *stream, const struct request *request)
{
    switch (request->kind) {
    case REQUEST_IDENTITY:
    case REQUEST_WARMING:
        gate_answer(guest, stream, request);
        return;
    case REQUEST_STDIO:
        exec_join(guest, stream, request);
        return;
    case REQUEST_EXEC:
        if (gate_is_open(guest))
            exec_start(guest, stream, request);
        else
            answer_error(guest, stream, "exec: this session has no identity yet");
        return;
    case REQUEST_DIAL_UNIX:
    case REQUEST_DIAL_TCP:
        /* A connection to the Docker daemon starts processes just as exec does. */
        if (gate_is_open(guest))
            dial_open(guest, stream, request);
        else
            answer_error(guest, stream, "dial: this session has no identity yet");
        return;
    case REQUEST_FREEZE:
        freeze(guest, stream, request->nonce);
        return;
    case REQUEST_POWEROFF:
        answer_ok(guest, stream);
        session_end_guest(guest, GUEST_POWERED_OFF);
        return;
    }
}

static void act_on_line(struct conversation *conversation)
{
    struct guest *guest = conversation->guest;
    struct stream *stream = conversation->stream;
    char *line = conversation->line, fault[REQUEST_FAULT];
    size_t length = conversation->length;
    struct request request;
    conversation->line = NULL; /* the conversation may be gone before the line is */
    conversation->role = &role_none;
    if (!utf8_valid((const uint8_t *)line, length)) {
        yamux_breach(&guest->yamux, "an opening line is not UTF-8");
    } else if (!request_read(line, length, &request, fault)) {
        answer_error(guest, stream, fault);
    } else {
        dispatch(guest, stream, &request);
        request_release(&request);
    }
    free(line);
}

/* One byte more than the line is kept, for the NUL a string at its end is closed with. */
static void append_to_line(struct conversation *conversation, const uint8_t *bytes, size_t count)
{
    if (conversation->length + count + 1 > conversation->capacity) {
        conversation->capacity = 2 * (conversation->length + count + 1);
        conversation->line = reallocate(conversation->line, conversation->capacity);
    }
    memcpy(conversation->line + conversation->length, bytes, count);
    conversation->length += count;
}

static void on_opened(void *context, struct stream *stream)
{
    struct conversation *conversation = allocate(sizeof *conversation);
    conversation->guest = context;
    conversation->stream = stream;
    stream->user = conversation;
}

static void pass_on(struct conversation *conversation, const uint8_t *bytes, size_t count)
{
    /* Ignored bytes are granted back all the same: a host in the middle of sending is not to wait for ever. */
    if (conversation->role == &role_none)
        yamux_consumed(&conversation->guest->yamux, conversation->stream, count, false);
    else
        conversation->role->data(conversation->owner, bytes, count);
}

static void on_data(void *context, struct stream *stream, const uint8_t *bytes, size_t count)
{
    struct guest *guest = context;
    struct conversation *conversation = stream->user;
    if (conversation->role != NULL) {
        pass_on(conversation, bytes, count);
        return;
    }
    const uint8_t *newline = memchr(bytes, '\n', count);
    size_t part = newline == NULL ? count : (size_t)(newline - bytes);
    if (conversation->length + part + 1 > MAX_OPENING_LINE) {
        yamux_breach(&guest->yamux, "an opening line is longer than 1 MiB");
        return;
    }
    append_to_line(conversation, bytes, part);
    yamux_consumed(&guest->yamux, stream, part + (newline != NULL), false);
    if (newline == NULL)
        return;
    act_on_line(conversation);
    /* The line may have ended the stream; bytes behind it belong to the role it was given. */
    if (guest->yamux.receiving == stream && part + 1 < count && !guest->yamux.stopped)
        pass_on(conversation, newline + 1, count - part - 1);
}

static void on_finished(void *context, struct stream *stream)
{
    struct conversation *conversation = stream->user;
    if (conversation->role != NULL) {
        conversation->role->finished(conversation->owner);
        return;
    }
    conversation->role = &role_none;
    answer_error(context, stream, "the opening line does not end");
}

static void on_granted(void *context, struct stream *stream)
{
    struct conversation *conversation = stream->user;
    (void)context;
    if (conversation->role != NULL)
        conversation->role->granted(conversation->owner);
}

static void on_gone(void *context, struct stream *stream, enum stream_end end)
{
    struct conversation *conversation = stream->user;
    (void)context;
    if (conversation->role != NULL)
        conversation->role->gone(conversation->owner, end);
    free(conversation->line);
    free(conversation);
}

const struct yamux_events conversation_events = {on_opened, on_data, on_finished, on_granted, on_gone};
