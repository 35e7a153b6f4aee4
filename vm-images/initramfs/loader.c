/*
 * The first program of a guest: loads the drivers between the kernel and the root disk, mounts the root file system
 * and hands over to its init. It is the only file in the initramfs besides the modules, which lie in /modules under
 * names that sort in the order they are to be loaded.
 *
 * A failure ends the machine at once (the kernel panics when its first process ends, and `panic=-1` makes that a
 * reboot, which the VMM takes as the end), with the reason on the console, where the host keeps the tail of it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROOT_DISK "/dev/vda"
#define NEXT_INIT "/sbin/thaw-init"
#define DISK_WAIT_MS 10000
/* From linux/module.h: the file is compressed, the kernel unpacks it. */
#define MODULE_INIT_COMPRESSED_FILE 4

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "loader: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void load_modules(void) {
    struct dirent **names;
    int count = scandir("/modules", &names, NULL, alphasort);
    if (count < 0) {
        fail("/modules");
    }
    for (int i = 0; i < count; i++) {
        const char *name = names[i]->d_name;
        if (name[0] == '.') {
            continue;
        }
        char path[512];
        snprintf(path, sizeof path, "/modules/%s", name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        int flags = strstr(name, ".xz") != NULL ? MODULE_INIT_COMPRESSED_FILE : 0;
        if (fd < 0 || (syscall(SYS_finit_module, fd, "", flags) != 0 && errno != EEXIST)) {
            fail(path);
        }
        close(fd);
    }
}

/* virtio-blk probes its disk on its own time. */
static void wait_for_disk(void) {
    struct timespec pause = {.tv_sec = 0, .tv_nsec = 5 * 1000 * 1000};
    for (int waited = 0; access(ROOT_DISK, F_OK) != 0; waited += 5) {
        if (waited >= DISK_WAIT_MS) {
            fail(ROOT_DISK);
        }
        nanosleep(&pause, NULL);
    }
}

int main(void) {
    mkdir("/dev", 0755);
    /* The kernel may have mounted it already (CONFIG_DEVTMPFS_MOUNT does not cover an initramfs). */
    if (mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755") != 0 && errno != EBUSY) {
        fail("mounting /dev");
    }
    int console = open("/dev/console", O_RDWR);
    if (console >= 0) {
        dup2(console, 0);
        dup2(console, 1);
        dup2(console, 2);
        if (console > 2) {
            close(console);
        }
    }
    /* The kernel hands unknown NAME=VALUE words of its command line to its first process as environment. */
    if (getenv("THAW_PROBE") != NULL) {
        puts("THAW-PROBE-ANSWER");
        return 0;
    }
    load_modules();
    wait_for_disk();
    mkdir("/root", 0755);
    /* discard: space a job frees goes back to the host's overlay. */
    if (mount(ROOT_DISK, "/root", "ext4", MS_NOATIME, "discard") != 0) {
        fail("mounting " ROOT_DISK);
    }
    if (mount("/dev", "/root/dev", NULL, MS_MOVE, NULL) != 0 || chdir("/root") != 0
        || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 || chdir("/") != 0) {
        fail("changing to the root file system");
    }
    execl(NEXT_INIT, NEXT_INIT, (char *) NULL);
    fail(NEXT_INIT);
}
