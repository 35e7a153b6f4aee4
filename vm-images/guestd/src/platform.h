/*
 * What differs between a guest and a test on the host. Chosen when linking (platform_linux.c, platform_test.c), so that
 * guestd itself has no switch that could weaken it.
 */
#ifndef THAW_PLATFORM_H
#define THAW_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "loop.h"
#include "users.h"

/* Also guestd's exit status, should ending the machine fail. */
enum guest_end {
    GUEST_POWERED_OFF = 0, /* asked to; file systems are synced */
    GUEST_HUNG_UP = 3,     /* the host of a job went away */
    GUEST_BREACHED = 4,    /* the host of a job broke the protocol */
};

/* The OOM killer is to take a build's process, never guestd. */
void platform_protect(void);
/* Finds the port and watches it with `watch`. Exits when there is none. */
void platform_open_port(int argc, char **argv, struct loop *loop, struct watch *watch);
/* As read(2) on a virtio port: 0 while no host is connected, EAGAIN when one is and nothing came. */
ssize_t platform_read_port(void *bytes, size_t count);
/* As write(2) on a virtio port: EAGAIN when it is full or no host is connected. */
ssize_t platform_write_port(const void *bytes, size_t count);
/* Closes the port and opens it again. */
void platform_reopen_port(void);
void platform_end_machine(enum guest_end end) __attribute__((noreturn));

bool platform_set_clock(int64_t time_ns);
/* Mixes in and credits the bytes, then makes the kernel's generator start from them. */
bool platform_mix_entropy(const uint8_t *bytes, size_t count);
bool platform_set_machine_id(const char *machine_id);
bool platform_set_hostname(const char *hostname);

bool platform_find_user(const char *name, struct user *user);
/* In a child that shares guestd's memory: system calls only. 0 or errno. */
int platform_become(const struct user *user);

#endif
