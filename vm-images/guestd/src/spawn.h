/* One process, started at once: no copy of guestd's memory is made for it. */
#ifndef THAW_SPAWN_H
#define THAW_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "users.h"

enum spawn_result { SPAWNED, SPAWN_NOT_FOUND, SPAWN_NOT_EXECUTABLE, SPAWN_BAD_CWD, SPAWN_BAD_USER, SPAWN_NO_RESOURCES };

struct spawn {
    char *const *argv, *const *env;
    const char *cwd;
    const struct user *user;
    int fds[3]; /* what becomes 0, 1 and 2; all above 2 and close-on-exec */
    bool takes_terminal; /* they are one, and it becomes the terminal of the session */
};

/* On SPAWNED `*pid` is running the program; else there is no process and `*error` is the errno. */
enum spawn_result spawn_process(const struct spawn *spawn, pid_t *pid, int *error);

#endif
