#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "byte_queue.h"
#include "platform.h"

/*
 * The child runs on its own stack in guestd's memory until it execs, with guestd suspended (CLONE_VFORK): fork(2) would
 * copy page tables, which is what makes it slow under emulation. So the child only makes system calls and reports what
 * went wrong by writing to this struct.
 */
struct start {
    const struct spawn *spawn;
    char **candidates; /* paths to try, ends with NULL */
    enum spawn_result result;
    int error;
};

#define CHILD_STACK 65536

/* The sanitizers' idea of a stack does not hold in the child. */
#define IN_CHILD __attribute__((no_sanitize("address", "undefined")))

static IN_CHILD int report(struct start *start, enum spawn_result result, int error)
{
    start->result = result;
    start->error = error;
    return 127;
}

static IN_CHILD enum spawn_result result_of_exec(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return SPAWN_NOT_FOUND;
    case EAGAIN:
    case ENOMEM:
    case E2BIG:
    case EMFILE:
    case ENFILE:
        return SPAWN_NO_RESOURCES;
    default:
        return SPAWN_NOT_EXECUTABLE;
    }
}

/* As execvp(3): a directory of PATH that has no such program, or one nobody may run, does not end the search. */
static IN_CHILD int exec_first(struct start *start)
{
    int error = ENOENT;
    for (char **path = start->candidates; *path != NULL; path++) {
        execve(*path, start->spawn->argv, start->spawn->env);
        if (errno != ENOENT && errno != ENOTDIR)
            error = errno;
        if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
            break;
    }
    return report(start, result_of_exec(error), error);
}

static IN_CHILD int child(void *argument)
{
    struct start *start = argument;
    const struct spawn *spawn = start->spawn;
    setsid();
    for (int fd = 0; fd < 3; fd++)
        if (dup3(spawn->fds[fd], fd, 0) < 0)
            return report(start, SPAWN_NO_RESOURCES, errno);
    if (spawn->takes_terminal && ioctl(0, TIOCSCTTY, 0) < 0)
        return report(start, SPAWN_NO_RESOURCES, errno);
    int adjustment = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (adjustment >= 0) {
        if (write(adjustment, "0", 1) < 0) {
            /* Refused on a test host that is not root; guestd itself may always raise it. */
        }
        close(adjustment);
    }
    int error = platform_become(spawn->user);
    if (error != 0)
        return report(start, SPAWN_BAD_USER, error);
    if (chdir(spawn->cwd) < 0)
        return report(start, SPAWN_BAD_CWD, errno);
    /* Last, so that no signal is taken in guestd's memory; every disposition is the default already. */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    return exec_first(start);
}

static const char *search_path(char *const *env)
{
    for (; *env != NULL; env++)
        if (strncmp(*env, "PATH=", 5) == 0)
            return *env + 5;
    return "";
}

/* Every path the program could be at, in one allocation: pointers first, then the text. */
static char **list_candidates(const char *program, const char *path)
{
    if (strchr(program, '/') != NULL)
        path = "";
    size_t count = 1;
    for (const char *c = path; *c != '\0'; c++)
        count += *c == ':';
    size_t pointers = (count + 1) * sizeof(char *);
    char **list = allocate(pointers + strlen(path) + count * (strlen(program) + 3));
    char *text = (char *)list + pointers;
    if (strchr(program, '/') != NULL) {
        list[0] = strcpy(text, program);
        return list;
    }
    for (size_t i = 0; *path != '\0' && i < count; i++) {
        int length = (int)strcspn(path, ":");
        list[i] = text;
        /* An empty entry is the working directory, by POSIX. */
        text += sprintf(text, "%.*s/%s", length > 0 ? length : 1, length > 0 ? path : ".", program) + 1;
        path += length + (path[length] == ':');
    }
    return list;
}

enum spawn_result spawn_process(const struct spawn *spawn, pid_t *pid, int *error)
{
    static char stack[CHILD_STACK] __attribute__((aligned(16)));
    struct start start = {.spawn = spawn, .result = SPAWNED};
    start.candidates = list_candidates(spawn->argv[0], search_path(spawn->env));
    *pid = clone(child, stack + CHILD_STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, &start);
    if (*pid < 0) {
        start.result = SPAWN_NO_RESOURCES;
        start.error = errno;
    } else if (start.result != SPAWNED) {
        while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    free(start.candidates);
    *error = start.error;
    return start.result;
}
