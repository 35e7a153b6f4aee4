#include "users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_LINE 65536

/* Splits at colons, in place; the last field keeps any colons that are left. */
static size_t split(char *line, char *fields[], size_t most)
{
    size_t count = 0;
    line[strcspn(line, "\n")] = '\0';
    for (char *rest = line; rest != NULL && count < most; count++) {
        char *colon = count + 1 < most ? strchr(rest, ':') : NULL;
        fields[count] = rest;
        if (colon != NULL)
            *colon = '\0';
        rest = colon == NULL ? NULL : colon + 1;
    }
    return count;
}

/* A number field that is empty or not a number must not become 0, which is root. */
static bool read_id(const char *text, unsigned *id)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (*end != '\0' || errno != 0 || value >= 0xFFFFFFFFul)
        return false;
    *id = (unsigned)value;
    return true;
}

static bool find_in_passwd(FILE *passwd, char *line, const char *name, struct user *user)
{
    while (fgets(line, LONGEST_LINE, passwd) != NULL) {
        char *fields[7];
        unsigned uid, gid;
        if (split(line, fields, 7) < 4 || strcmp(fields[0], name) != 0)
            continue;
        if (!read_id(fields[2], &uid) || !read_id(fields[3], &gid))
            return false;
        user->uid = uid;
        user->gid = gid;
        return true;
    }
    return false;
}

static bool is_member(char *members, const char *name)
{
    char *state;
    for (char *member = strtok_r(members, ",", &state); member != NULL; member = strtok_r(NULL, ",", &state))
        if (strcmp(member, name) == 0)
            return true;
    return false;
}

static void find_groups(FILE *group, char *line, const char *name, struct user *user)
{
    while (user->group_count < MAX_GROUPS && fgets(line, LONGEST_LINE, group) != NULL) {
        char *fields[4];
        unsigned gid;
        if (split(line, fields, 4) == 4 && read_id(fields[2], &gid) && gid != user->gid && is_member(fields[3], name))
            user->groups[user->group_count++] = gid;
    }
}

bool users_find(const char *passwd_path, const char *group_path, const char *name, struct user *user)
{
    FILE *passwd = fopen(passwd_path, "re");
    if (passwd == NULL)
        return false;
    char *line = malloc(LONGEST_LINE);
    bool found = line != NULL && *name != '\0' && find_in_passwd(passwd, line, name, user);
    fclose(passwd);
    if (found) {
        user->groups[0] = user->gid;
        user->group_count = 1;
        FILE *group = fopen(group_path, "re");
        if (group != NULL) {
            find_groups(group, line, name, user);
            fclose(group);
        }
    }
    free(line);
    return found;
}
