/* The real thing: a guest, its kernel and its virtio port. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "identity_files.h"
#include "platform.h"

#define PORT_NAME "dev.thaw.guestd"
#define PORT_CLASS "/sys/class/virtio-ports"
#define PORT_DEADLINE_MS 10000
#define PORT_RETRY_MS 20

/* linux/random.h, which does not come with musl. */
#define RANDOM_ADD_ENTROPY _IOW('R', 0x03, int[2])
#define RANDOM_RESEED _IO('R', 0x07)

static struct loop *port_loop;
static struct watch *port;
static char port_path[300];

void platform_protect(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "-999", 4) != 4)
        fprintf(stderr, "guestd: not protected from the OOM killer: %s\n", strerror(errno));
    if (fd >= 0)
        close(fd);
}

static bool has_our_name(const char *entry)
{
    char path[300], name[64] = "";
    snprintf(path, sizeof path, PORT_CLASS "/%s/name", entry);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool ours = fgets(name, sizeof name, file) != NULL && strcmp(name, PORT_NAME "\n") == 0;
    fclose(file);
    return ours;
}

static bool find_port(void)
{
    DIR *ports = opendir(PORT_CLASS);
    if (ports == NULL)
        return false;
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(ports)) != NULL;)
        if (entry->d_name[0] != '.' && has_our_name(entry->d_name)) {
            snprintf(port_path, sizeof port_path, "/dev/%s", entry->d_name);
            found = true;
        }
    closedir(ports);
    return found;
}

static void open_port(void)
{
    port->fd = open(port_path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (port->fd >= 0 && !loop_add(port_loop, port)) {
        close(port->fd);
        port->fd = -1;
    }
}

static void require_port(const char *what)
{
    if (port->fd >= 0)
        return;
    fprintf(stderr, "guestd: %s the virtio port " PORT_NAME ": %s\n", what, strerror(errno));
    exit(1);
}

void platform_open_port(int argc, char **argv, struct loop *loop, struct watch *watch)
{
    if (argc > 1) {
        fprintf(stderr, "guestd: takes no arguments, got: %s\n", argv[1]);
        exit(2);
    }
    port_loop = loop;
    port = watch;
    /* The driver may be a module that is still being loaded. */
    const int64_t deadline = monotonic_ms() + PORT_DEADLINE_MS;
    for (;;) {
        errno = ENODEV;
        if (find_port())
            open_port();
        if (port->fd >= 0 || monotonic_ms() >= deadline)
            break;
        nanosleep(&(struct timespec){.tv_nsec = PORT_RETRY_MS * 1000000L}, NULL);
    }
    require_port("within 10 s there was no");
}

ssize_t platform_read_port(void *bytes, size_t count)
{
    return read(port->fd, bytes, count);
}

ssize_t platform_write_port(const void *bytes, size_t count)
{
    return write(port->fd, bytes, count);
}

void platform_reopen_port(void)
{
    int fd = port->fd;
    loop_remove(port_loop, port);
    close(fd);
    open_port();
    require_port("cannot open again");
}

void platform_end_machine(enum guest_end end)
{
    if (end == GUEST_POWERED_OFF)
        sync();
    reboot(RB_AUTOBOOT);
    /* Not allowed to: init does it when it sees us go. */
    exit((int)end);
}

bool platform_set_clock(int64_t time_ns)
{
    struct timespec time = {.tv_sec = (time_t)(time_ns / 1000000000), .tv_nsec = (long)(time_ns % 1000000000)};
    return clock_settime(CLOCK_REALTIME, &time) == 0;
}

bool platform_mix_entropy(const uint8_t *bytes, size_t count)
{
    struct {
        int bits, size;
        uint8_t bytes[64];
    } pool = {.bits = (int)count * 8, .size = (int)count};
    errno = EINVAL;
    if (count > sizeof pool.bytes)
        return false;
    memcpy(pool.bytes, bytes, count);
    int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return false;
    /* Without the reseed the generator goes on from the state all clones share for up to a minute. */
    bool mixed = ioctl(fd, RANDOM_ADD_ENTROPY, &pool) == 0 && ioctl(fd, RANDOM_RESEED) == 0;
    int error = errno;
    close(fd);
    errno = error;
    return mixed;
}

bool platform_set_machine_id(const char *machine_id)
{
    return identity_write("/etc/machine-id", machine_id);
}

bool platform_set_hostname(const char *hostname)
{
    return sethostname(hostname, strlen(hostname)) == 0 && identity_write("/etc/hostname", hostname) &&
           identity_replace_hosts("/etc/hosts", hostname);
}

bool platform_find_user(const char *name, struct user *user)
{
    return users_find("/etc/passwd", "/etc/group", name, user);
}

/* Raw calls: the C library's wrappers would tell its other threads, in memory that is guestd's. */
int platform_become(const struct user *user)
{
    if (syscall(SYS_setgroups, user->group_count, user->groups) != 0)
        return errno;
    if (syscall(SYS_setgid, user->gid) != 0 || syscall(SYS_setuid, user->uid) != 0)
        return errno;
    return 0;
}
