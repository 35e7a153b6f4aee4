/* Who a process runs as, from files in the formats of passwd(5) and group(5). */
#ifndef THAW_USERS_H
#define THAW_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MAX_GROUPS 64

struct user {
    uid_t uid;
    gid_t gid;
    gid_t groups[MAX_GROUPS];
    size_t group_count;
};

bool users_find(const char *passwd_path, const char *group_path, const char *name, struct user *user);

#endif
