/*
 * One epoll, edge-triggered: a descriptor reports once that it can be read or written, the owner remembers it until a
 * call says EAGAIN. So a descriptor nobody may serve now (no window, full outbox) costs no system calls.
 */
#ifndef THAW_LOOP_H
#define THAW_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct watch {
    int fd;
    void (*on_event)(struct watch *watch, uint32_t events);
};

struct loop {
    int epoll;
    struct retired *retired;
};

void loop_init(struct loop *loop);
bool loop_add(struct loop *loop, struct watch *watch);
/* No event reaches the watch after this; the descriptor stays open. */
void loop_remove(struct loop *loop, struct watch *watch);
/* Frees what may still be named by an event of the present round, after the round. */
void loop_retire(struct loop *loop, void *memory);
/* One round: waits at most `timeout_ms` (-1: for ever) and delivers what happened. */
void loop_wait(struct loop *loop, int timeout_ms);

int64_t monotonic_ms(void);

#endif
