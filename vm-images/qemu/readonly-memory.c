/*
 * QEMU before 8.2 opens a memory-backend-file for writing even when the guest's view of it is private, and a
 * descriptor that is open for writing lets whoever breaks out of one guest rewrite the RAM of all later ones. Loaded
 * into such a QEMU, this turns that one open into one for reading, which is all that a private mapping needs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

#define MEMORY "/template/memory"

typedef int open_function(const char *path, int flags, ...);

static int open_as(const char *name, const char *path, int flags, mode_t mode) {
    if (strcmp(path, MEMORY) == 0) {
        flags = (flags & ~(O_ACCMODE | O_CREAT)) | O_RDONLY;
    }
    open_function *next = (open_function *) dlsym(RTLD_NEXT, name);
    return next(path, flags, mode);
}

#define WRAP(name)                                                                                                     \
    int name(const char *path, int flags, ...) {                                                                       \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;                            \
        va_end(arguments);                                                                                             \
        return open_as(#name, path, flags, mode);                                                                      \
    }

WRAP(open)
WRAP(open64)
