/*
 * guestd-test: the same program on the host. A UNIX socket stands for the port, and the identity gate writes down what
 * it was asked for in a directory instead of changing the machine.
 *
 *   guestd-test --fd N [--state DIR]          serves one socket that is connected already
 *   guestd-test --listen PATH [--state DIR]   as a port: one host after the other
 *
 * A file DIR/refuse-STEP makes that step of the gate fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "identity_files.h"
#include "platform.h"

static struct loop *port_loop;
static struct watch *port;
static struct watch listener = {.fd = -1};
static const char *state_directory;

void platform_protect(void)
{
}

static void fail(const char *what)
{
    fprintf(stderr, "guestd-test: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void on_listener_event(struct watch *watch, uint32_t events)
{
    (void)watch;
    port->on_event(port, events);
}

static void listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        fail("--listen: the path is longer than 107 bytes");
    strcpy(address.sun_path, path);
    unlink(path);
    listener.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener.fd < 0 || bind(listener.fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener.fd, 8) < 0)
        fail(path);
    listener.on_event = on_listener_event;
    loop_add(port_loop, &listener);
}

static void serve(int fd)
{
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
        fail("--fd");
    port->fd = fd;
    loop_add(port_loop, port);
}

void platform_open_port(int argc, char **argv, struct loop *loop, struct watch *watch)
{
    port_loop = loop;
    port = watch;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--fd") == 0)
            serve(atoi(argv[i + 1]));
        else if (strcmp(argv[i], "--listen") == 0)
            listen_at(argv[i + 1]);
        else if (strcmp(argv[i], "--state") == 0)
            state_directory = argv[i + 1];
    }
    if (port->fd >= 0 || listener.fd >= 0)
        return;
    fprintf(stderr, "usage: guestd-test (--fd N | --listen PATH) [--state DIR]\n");
    exit(2);
}

static void hang_up(void)
{
    int fd = port->fd;
    if (fd < 0)
        return;
    loop_remove(port_loop, port);
    close(fd);
    if (listener.fd < 0)
        return;
    /* Watched anew, it reports a host that has been waiting to connect. */
    fd = listener.fd;
    loop_remove(port_loop, &listener);
    listener.fd = fd;
    loop_add(port_loop, &listener);
}

ssize_t platform_read_port(void *bytes, size_t count)
{
    if (port->fd < 0 && listener.fd < 0)
        exit(0); /* no other host can ever come */
    if (port->fd < 0) {
        int fd = accept(listener.fd, NULL, NULL);
        if (fd < 0)
            return 0;
        serve(fd);
    }
    ssize_t result = read(port->fd, bytes, count);
    if (result < 0 && errno != EAGAIN && errno != EINTR)
        result = 0;
    if (result == 0)
        hang_up();
    return result;
}

ssize_t platform_write_port(const void *bytes, size_t count)
{
    errno = EAGAIN;
    return port->fd < 0 ? -1 : send(port->fd, bytes, count, MSG_NOSIGNAL);
}

void platform_reopen_port(void)
{
    hang_up();
}

void platform_end_machine(enum guest_end end)
{
    exit((int)end);
}

static bool refuses(const char *step)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/refuse-%s", state_directory, step);
    return access(path, F_OK) == 0;
}

/* One line per step, in the order the gate took them. */
static bool note(const char *step, const char *value)
{
    char path[4096];
    if (state_directory == NULL)
        return true;
    errno = EPERM;
    if (refuses(step))
        return false;
    snprintf(path, sizeof path, "%s/gate.log", state_directory);
    FILE *log = fopen(path, "ae");
    if (log == NULL)
        return false;
    fprintf(log, "%s %s\n", step, value);
    return fclose(log) == 0;
}

bool platform_set_clock(int64_t time_ns)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%lld", (long long)time_ns);
    return note("clock", digits);
}

bool platform_mix_entropy(const uint8_t *bytes, size_t count)
{
    char digits[2 * 64 + 1] = "";
    for (size_t i = 0; i < count && i < 64; i++)
        sprintf(digits + 2 * i, "%02x", bytes[i]);
    return note("entropy", digits);
}

bool platform_set_machine_id(const char *machine_id)
{
    return note("machine-id", machine_id);
}

bool platform_set_hostname(const char *hostname)
{
    char path[4096];
    if (!note("hostname", hostname))
        return false;
    if (state_directory == NULL)
        return true;
    snprintf(path, sizeof path, "%s/hosts", state_directory);
    return identity_replace_hosts(path, hostname);
}

/* A developer's guestd-test can only be that developer, whom it calls root. */
bool platform_find_user(const char *name, struct user *user)
{
    if (geteuid() == 0)
        return users_find("/etc/passwd", "/etc/group", name, user);
    *user = (struct user){.uid = geteuid(), .gid = getegid()};
    return strcmp(name, "root") == 0;
}

int platform_become(const struct user *user)
{
    if (user->uid == geteuid())
        return 0;
    if (syscall(SYS_setgroups, user->group_count, user->groups) != 0)
        return errno;
    if (syscall(SYS_setgid, user->gid) != 0 || syscall(SYS_setuid, user->uid) != 0)
        return errno;
    return 0;
}
