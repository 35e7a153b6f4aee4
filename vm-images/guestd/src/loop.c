#include "loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "byte_queue.h"

#define EVENTS_PER_ROUND 64

struct retired {
    struct retired *next;
    void *memory;
};

void loop_init(struct loop *loop)
{
    loop->retired = NULL;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0) {
        fprintf(stderr, "guestd: cannot make an epoll: %s\n", strerror(errno));
        abort();
    }
}

bool loop_add(struct loop *loop, struct watch *watch)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = watch};
    return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, watch->fd, &event) == 0;
}

void loop_remove(struct loop *loop, struct watch *watch)
{
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->fd = -1;
}

void loop_retire(struct loop *loop, void *memory)
{
    struct retired *retired = allocate(sizeof *retired);
    retired->memory = memory;
    retired->next = loop->retired;
    loop->retired = retired;
}

void loop_wait(struct loop *loop, int timeout_ms)
{
    struct epoll_event events[EVENTS_PER_ROUND];
    int count = epoll_wait(loop->epoll, events, EVENTS_PER_ROUND, timeout_ms);
    for (int i = 0; i < count; i++) {
        struct watch *watch = events[i].data.ptr;
        /* An earlier event of this round may have closed it. */
        if (watch->fd >= 0)
            watch->on_event(watch, events[i].events);
    }
    while (loop->retired != NULL) {
        struct retired *retired = loop->retired;
        loop->retired = retired->next;
        free(retired->memory);
        free(retired);
    }
}

int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
