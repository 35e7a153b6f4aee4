/* guestd: the host's hand inside a guest. Speaks docs/guest-protocol.md on one virtio port, in one thread. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "channel.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

struct child_watch {
    struct watch watch;
    struct guest *guest;
};

static void on_child_signal(struct watch *watch, uint32_t events)
{
    struct signalfd_siginfo info[8];
    (void)events;
    /* Signals of several children merge into one: it only says that there is somebody to reap. */
    while (read(watch->fd, info, sizeof info) > 0)
        continue;
    execs_reap(((struct child_watch *)watch)->guest);
}

/* A process inherits dispositions and gets an empty mask, so guestd blocks and never ignores. */
static int take_signals(void)
{
    /* By system call: the C library keeps signals 32 to 34 to itself, and whoever started us may ignore them. */
    static const uint64_t default_action[8];
    for (int number = 1; number <= 64; number++)
        syscall(SYS_rt_sigaction, number, default_action, NULL, sizeof(uint64_t));
    sigset_t blocked, children;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGPIPE);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    return signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* A process gets descriptors 0, 1 and 2 and no other: ours are above 2 and close on exec, inherited ones too. */
static void settle_descriptors(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
    syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
}

int main(int argc, char **argv)
{
    static struct guest guest;
    settle_descriptors();
    umask(022);
    if (chdir("/") < 0)
        fprintf(stderr, "guestd: cannot enter /: %s\n", strerror(errno));
    platform_protect();
    loop_init(&guest.loop);
    struct child_watch children = {.watch = {take_signals(), on_child_signal}, .guest = &guest};
    if (children.watch.fd < 0 || !loop_add(&guest.loop, &children.watch)) {
        fprintf(stderr, "guestd: cannot watch its children: %s\n", strerror(errno));
        return 1;
    }
    session_init(&guest);
    platform_open_port(argc, argv, &guest.loop, &guest.session.port);
    for (;;) {
        loop_wait(&guest.loop, session_patience(&guest));
        session_tick(&guest);
        session_read(&guest);
        channels_pump(&guest);
        session_write(&guest);
    }
}
