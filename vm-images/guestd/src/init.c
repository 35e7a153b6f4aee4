/*
 * PID 1 of a guest: mounts what a build expects, starts guestd, reaps orphans, and ends the machine when guestd ends.
 * Small and without a decoder, so that a crash on bytes from outside is a lost guest and never a kernel panic.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define GUESTD "/usr/lib/thaw/guestd"
#define MODPROBE "/sbin/modprobe"
#define MODULE_LIST "/etc/thaw/modules"
#define MAX_MODULES 64
#define NOFILE_SOFT 65536
#define NOFILE_HARD 1048576

static char *const guest_environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    NULL,
};

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
    char line[512];
    int prefix = snprintf(line, sizeof line, "thaw-init: ");
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + prefix, sizeof line - (size_t)prefix - 1, format, arguments);
    va_end(arguments);
    strcat(line, "\n");
    if (write(STDERR_FILENO, line, strlen(line)) < 0) {
        /* The console is gone: there is nobody left to tell. */
    }
}

/* A file of /proc or /sys is set as a whole by one write. */
static bool write_setting(const char *path, const char *value)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool written = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
    close(fd);
    return written;
}

static void mount_at(const char *type, const char *target, unsigned long flags, const char *options)
{
    if (mkdir(target, 0755) < 0 && errno != EEXIST)
        say("cannot make %s: %s", target, strerror(errno));
    /* EBUSY: the initramfs or the kernel (CONFIG_DEVTMPFS_MOUNT) mounted it already. */
    if (mount(type, target, type, flags, options) < 0 && errno != EBUSY)
        say("cannot mount %s: %s", target, strerror(errno));
}

static bool is_mounted(const char *target)
{
    struct stat here, parent;
    return stat(target, &here) == 0 && stat("/", &parent) == 0 && here.st_dev != parent.st_dev;
}

static void mount_file_systems(void)
{
    const unsigned long plain = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (!is_mounted("/proc"))
        mount_at("proc", "/proc", plain, NULL);
    if (!is_mounted("/sys"))
        mount_at("sysfs", "/sys", plain, NULL);
    if (!is_mounted("/dev"))
        mount_at("devtmpfs", "/dev", MS_NOSUID, "mode=755");
    mount_at("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666");
    mount_at("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777");
    if (!is_mounted("/run"))
        mount_at("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=755");
    mkdir("/run/lock", 01777);
    chmod("/run/lock", 01777);
    mount_at("cgroup2", "/sys/fs/cgroup", plain, "nsdelegate");
}

/* udev makes these elsewhere; without them a shell's process substitution fails. */
static void link_standard_descriptors(void)
{
    static const char *const links[][2] = {
        {"/proc/self/fd", "/dev/fd"},
        {"/proc/self/fd/0", "/dev/stdin"},
        {"/proc/self/fd/1", "/dev/stdout"},
        {"/proc/self/fd/2", "/dev/stderr"},
    };
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (symlink(links[i][0], links[i][1]) < 0 && errno != EEXIST)
            say("cannot link %s: %s", links[i][1], strerror(errno));
}

/* The kernel may have started us before there was a console node; what we say must reach the console all the same. */
static void open_console(void)
{
    int fd = open("/dev/console", O_RDWR | O_NOCTTY);
    if (fd < 0)
        fd = open("/dev/null", O_RDWR);
    if (fd < 0)
        return;
    for (int standard = 0; standard <= STDERR_FILENO; standard++)
        if (fd != standard)
            dup2(fd, standard);
    if (fd > STDERR_FILENO)
        close(fd);
}

static void delegate_cgroup_controllers(void)
{
    static const char *const controllers[] = {"+cpu", "+cpuset", "+io", "+memory", "+pids"};
    /* One write each: in a joint write one controller this kernel lacks would refuse all of them. */
    for (size_t i = 0; i < sizeof controllers / sizeof controllers[0]; i++)
        if (!write_setting("/sys/fs/cgroup/cgroup.subtree_control", controllers[i]))
            say("cgroup controller %s is not available: %s", controllers[i] + 1, strerror(errno));
}

static void bring_loopback_up(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {0};
    strcpy(request.ifr_name, "lo");
    if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0) {
        say("cannot find the interface lo: %s", strerror(errno));
    } else {
        request.ifr_flags |= IFF_UP | IFF_RUNNING;
        if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
            say("cannot bring lo up: %s", strerror(errno));
    }
    if (fd >= 0)
        close(fd);
}

static void raise_limits(void)
{
    /* The soft limit stays well below the hard one: some programs close every descriptor up to it, one by one. */
    struct rlimit limit = {.rlim_cur = NOFILE_SOFT, .rlim_max = NOFILE_HARD};
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        say("cannot raise the limit of open files: %s", strerror(errno));
    if (!write_setting("/proc/sys/net/ipv4/ip_forward", "1"))
        say("cannot switch on IPv4 forwarding: %s", strerror(errno));
}

/*
 * What a job writes is needed no longer than the job: memory holds it while there is some, and the disk gets what does
 * not fit. The time is in hundredths of a second.
 */
static void write_late(void)
{
    if (!write_setting("/proc/sys/vm/dirty_ratio", "85") || !write_setting("/proc/sys/vm/dirty_background_ratio", "70")
        || !write_setting("/proc/sys/vm/dirty_expire_centisecs", "8640000"))
        say("cannot set how long memory holds what is written: %s", strerror(errno));
}

static pid_t start(char *const argv[])
{
    pid_t child = fork();
    if (child != 0)
        return child;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    execve(argv[0], argv, guest_environment);
    say("cannot start %s: %s", argv[0], strerror(errno));
    _exit(127);
}

static void load_modules(void)
{
    FILE *list = fopen(MODULE_LIST, "re");
    if (list == NULL)
        return;
    static char names[MAX_MODULES][64];
    char *argv[MAX_MODULES + 3] = {MODPROBE, "-a"};
    size_t count = 0;
    while (count < MAX_MODULES && fscanf(list, "%63s", names[count]) == 1) {
        argv[2 + count] = names[count];
        count++;
    }
    fclose(list);
    if (count == 0)
        return;
    /* One process for all of them: starting one is what costs under emulation. */
    pid_t child = start(argv);
    int status = -1;
    if (child > 0)
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            continue;
    if (status != 0)
        say("modprobe ended with wait status %d for the names in " MODULE_LIST, status);
}

static int wait_for(pid_t child)
{
    for (;;) {
        int status = 0;
        pid_t ended = waitpid(-1, &status, 0);
        if (ended == child)
            return status;
        if (ended < 0 && errno != EINTR)
            return -1;
    }
}

static void end_machine(void) __attribute__((noreturn));

static void end_machine(void)
{
    sync();
    reboot(RB_AUTOBOOT);
    say("the kernel refused to reboot: %s", strerror(errno));
    /* A PID 1 that returns is a panic; one that waits is found by the host's deadline. */
    for (;;)
        pause();
}

int main(void)
{
    if (getpid() != 1) {
        say("this is the init of a Thaw guest and runs only as PID 1");
        return 1;
    }
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    umask(022);
    mount_file_systems();
    open_console();
    reboot(RB_DISABLE_CAD);
    link_standard_descriptors();
    delegate_cgroup_controllers();
    bring_loopback_up();
    raise_limits();
    write_late();
    if (sethostname("thaw-template", strlen("thaw-template")) < 0)
        say("cannot set the host name: %s", strerror(errno));
    if (chdir("/") < 0)
        say("cannot enter /: %s", strerror(errno));
    load_modules();

    char *guestd_argv[] = {GUESTD, NULL};
    pid_t guestd = start(guestd_argv);
    if (guestd < 0) {
        say("cannot start " GUESTD ": %s; ending the machine", strerror(errno));
        end_machine();
    }
    int status = wait_for(guestd);
    if (WIFSIGNALED(status))
        say("guestd was killed by signal %d; ending the machine", WTERMSIG(status));
    else
        say("guestd exited with status %d; ending the machine", WEXITSTATUS(status));
    end_machine();
}
