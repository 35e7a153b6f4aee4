#include "../src/users.h"

#include <stdlib.h>
#include <unistd.h>

#include "../src/identity_files.h"
#include "check.h"

static char path_of_passwd[] = "/tmp/thaw-passwd-XXXXXX", path_of_group[] = "/tmp/thaw-group-XXXXXX";

static void write_temporary(char *path, const char *text)
{
    strcpy(path + strlen(path) - 6, "XXXXXX");
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static bool find(const char *name, struct user *user)
{
    write_temporary(path_of_passwd, "root:x:0:0:root:/root:/bin/bash\n"
                                    "broken\n"
                                    "empty:x:::nobody:/:/bin/sh\n"
                                    "minus:x:-1:5::/:/bin/sh\n"
                                    "huge:x:4294967295:5::/:/bin/sh\n"
                                    "word:x:12a:5::/:/bin/sh\n"
                                    "builder:x:1001:1001::/home/builder:/bin/sh\n"
                                    "build:x:1000:1000:a:b:c:d\n"
                                    "build:x:0:0:second:/:/bin/sh\n");
    write_temporary(path_of_group, "root:x:0:\nbuild:x:1000:\nsudo:x:27:other,build\nbroken:x\n"
                                   "docker:x:999:build\nbuilders:x:30:builder\nown:x:1000:build\nlast:x:7:build");
    bool found = users_find(path_of_passwd, path_of_group, name, user);
    unlink(path_of_passwd);
    unlink(path_of_group);
    return found;
}

TEST(user_is_found_with_the_groups_that_name_it)
{
    struct user user;
    CHECK(find("build", &user));
    CHECK(user.uid == 1000 && user.gid == 1000);
    CHECK(user.group_count == 4);
    CHECK(user.groups[0] == 1000 && user.groups[1] == 27 && user.groups[2] == 999 && user.groups[3] == 7);
}

TEST(user_without_groups_has_its_own)
{
    struct user user;
    CHECK(find("root", &user));
    CHECK(user.uid == 0 && user.gid == 0 && user.group_count == 1 && user.groups[0] == 0);
}

TEST(user_with_a_number_that_is_none_does_not_become_root)
{
    static const char *const names[] = {"empty", "minus", "huge", "word", "broken", "", "nobody", "roo", "root:x"};
    struct user user;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (find(names[i], &user))
            check_failed(__FILE__, __LINE__, names[i]);
}

TEST(user_is_not_found_without_a_passwd_file)
{
    struct user user;
    CHECK(!users_find("/nonexistent/passwd", "/etc/group", "root", &user));
}

static void check_hosts(const char *before, const char *hostname, const char *after)
{
    char path[] = "/tmp/thaw-hosts-XXXXXX", text[512] = "";
    write_temporary(path, before);
    CHECK(identity_replace_hosts(path, hostname));
    FILE *file = fopen(path, "r");
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    unlink(path);
    CHECK_TEXT(text, after);
}

TEST(hosts_gets_the_line_of_the_new_name_and_keeps_the_others)
{
    check_hosts("127.0.0.1\tlocalhost\n::1 localhost\n", "thaw-1",
                "127.0.0.1\tlocalhost\n::1 localhost\n127.0.1.1\tthaw-1\n");
    check_hosts("", "thaw-1", "127.0.1.1\tthaw-1\n");
}

TEST(hosts_has_one_line_of_the_name_however_often_it_is_set)
{
    check_hosts("127.0.1.1\tthaw-1\n127.0.1.10 other\n  127.0.1.1 older", "thaw-2",
                "127.0.1.10 other\n127.0.1.1\tthaw-2\n");
}
