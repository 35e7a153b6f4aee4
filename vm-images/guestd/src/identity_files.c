#include "identity_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "byte_queue.h"

#define OWN_ADDRESS "127.0.1.1"
#define LONGEST_HOSTS (256 * 1024)

static bool write_file(const char *path, const char *text, size_t length)
{
    /* In place and unsynced: the file may be bind-mounted, and nothing of this guest outlives it. */
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return false;
    errno = EIO;
    bool written = write(fd, text, length) == (ssize_t)length;
    int error = errno;
    close(fd);
    errno = error;
    return written;
}

bool identity_write(const char *path, const char *text)
{
    char line[256];
    int length = snprintf(line, sizeof line, "%s\n", text);
    return write_file(path, line, (size_t)length);
}

/* The file's text; a guest without one gets one. NULL: errno says why. */
static char *read_hosts(const char *path)
{
    char *text = allocate(LONGEST_HOSTS + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return text;
    size_t length = 0;
    ssize_t count = fd < 0 ? -1 : 1;
    while (count > 0 && length < LONGEST_HOSTS) {
        count = read(fd, text + length, LONGEST_HOSTS - length);
        length += count > 0 ? (size_t)count : 0;
    }
    if (fd >= 0)
        close(fd);
    if (count == 0)
        return text;
    /* Longer than we read: writing it back would cut it off. */
    if (count > 0)
        errno = EFBIG;
    free(text);
    return NULL;
}

static bool is_own_line(const char *line)
{
    size_t address = strlen(OWN_ADDRESS);
    line += strspn(line, " \t");
    return strncmp(line, OWN_ADDRESS, address) == 0 && (line[address] == ' ' || line[address] == '\t');
}

bool identity_replace_hosts(const char *path, const char *hostname)
{
    char *text = read_hosts(path);
    if (text == NULL)
        return false;
    size_t capacity = strlen(text) + strlen(hostname) + sizeof OWN_ADDRESS + 4, length = 0;
    char *replaced = allocate(capacity);
    for (char *line = text; *line != '\0';) {
        size_t line_length = strcspn(line, "\n");
        bool ends = line[line_length] == '\n';
        if (!is_own_line(line)) {
            memcpy(replaced + length, line, line_length);
            length += line_length;
            replaced[length++] = '\n';
        }
        line += line_length + ends;
    }
    length += (size_t)snprintf(replaced + length, capacity - length, OWN_ADDRESS "\t%s\n", hostname);
    bool written = write_file(path, replaced, length);
    free(replaced);
    free(text);
    return written;
}
