/*
 * What waits for the port. Control frames (window updates, pings, resets) pass data between two frames, never inside
 * one: a host that waits for window must not wait for a megabyte of log first.
 */
#ifndef THAW_OUTBOX_H
#define THAW_OUTBOX_H

#include <stdbool.h>

#include "byte_queue.h"

struct outbox {
    struct byte_queue control, data;
    size_t frame_left; /* bytes of the data frame that is partly written */
    bool sending_control;
};

void outbox_reset(struct outbox *outbox);
size_t outbox_length(const struct outbox *outbox);

/* The next bytes to write, at most `limit`; `*count` is 0 when there are none. */
const uint8_t *outbox_front(struct outbox *outbox, size_t limit, size_t *count);
/* The port took `count` bytes of what outbox_front() gave. */
void outbox_sent(struct outbox *outbox, size_t count);

#endif
