/* A descriptor of this guest (a pipe end or a socket) bound to a stream, with back-pressure both ways. */
#ifndef THAW_CHANNEL_H
#define THAW_CHANNEL_H

#include "guest.h"

enum channel_direction {
    CHANNEL_TO_HOST = 1,  /* descriptor → stream */
    CHANNEL_TO_GUEST = 2, /* stream → descriptor */
};

enum channel_kind {
    CHANNEL_SOCKET,
    CHANNEL_PIPE,
    CHANNEL_TERMINAL, /* the master of one, or a duplicate of it */
};

/* Any of them may close the channel. */
struct channel_events {
    /* Only for a channel that was made connecting: 0 or errno. */
    void (*connected)(struct channel *channel, int error);
    /* All bytes for the host are queued: end of file, or the end of what was held; or `broken`: an error. */
    void (*to_host_ended)(struct channel *channel, bool broken);
    /* All bytes of the host are written and it sent FIN; or `broken`: nobody reads them any more. */
    void (*to_guest_ended)(struct channel *channel, bool broken);
    void (*stream_gone)(struct channel *channel, enum stream_end end);
};

struct channel {
    struct watch watch; /* first: a watch is its channel */
    struct guest *guest;
    struct stream *stream;
    const struct channel_events *events;
    void *owner;
    struct byte_queue waiting; /* from the host, not taken by the descriptor yet */
    size_t held;               /* what is still to be sent at most, when `held_only` */
    enum channel_kind kind;
    unsigned directions;       /* those that are not over */
    bool connecting;
    bool mid_line; /* the last byte from the host ended no line; of a terminal */
    bool readable, writable, hung_up;
    bool held_only, discarding, host_finished;
    bool in_list; /* guest->ready or guest->discarding */
    struct channel *previous, *next;
};

/* Takes the stream over. The descriptor may come later. */
struct channel *channel_open(struct guest *guest, struct stream *stream, unsigned directions,
                             const struct channel_events *events, void *owner);
/* Takes the descriptor over; false if it cannot be watched. */
bool channel_attach(struct channel *channel, int fd, enum channel_kind kind);
/* Sends what the pipe or terminal holds now and no more, whoever else keeps it open. */
void channel_send_held(struct channel *channel);
/* Lets the stream go; empties the pipe into nothing until its end, then closes itself. */
void channel_discard(struct channel *channel);
void channel_close(struct channel *channel);
/* One turn for each channel with something to read; those with bytes for the host while the outbox has room. */
void channels_pump(struct guest *guest);

/* channel_list.c: who takes the next turn. */
void channel_list_append(struct channel_list *list, struct channel *channel);
void channel_list_remove(struct channel_list *list, struct channel *channel);

#endif
