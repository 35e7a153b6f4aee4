/* The one state of guestd: the session on the port, and the processes and connections made for it. */
#ifndef THAW_GUEST_H
#define THAW_GUEST_H

#include "exec.h"
#include "loop.h"
#include "preamble.h"
#include "request.h"
#include "session.h"
#include "yamux.h"

struct channel;

struct channel_list {
    struct channel *first, *last;
    size_t count;
};

struct guest {
    struct loop loop;
    struct outbox outbox;
    struct yamux yamux;
    struct session session;
    struct channel_list ready;      /* channels that can bring bytes to the host now */
    struct channel_list discarding; /* channels that can empty their pipe into nothing now */
    struct exec_table execs;
    char boot_nonce[NONCE_DIGITS + 1]; /* in memory only: a guest that knows it was restored, not booted */
};

/* Above this the pipes of the processes are left alone until the host has taken some. */
#define OUTBOX_ENOUGH (256u * 1024)

static inline bool outbox_has_enough(const struct guest *guest)
{
    return outbox_length(&guest->outbox) >= OUTBOX_ENOUGH;
}

#endif
