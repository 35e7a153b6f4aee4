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

static int read_only(const char *path, int flags) {
    return strcmp(path, MEMORY) == 0 ? (flags & ~(O_ACCMODE | O_CREAT)) | O_RDONLY : flags;
}

#define WRAP(name)                                                                                                     \
    int name(const char *path, int flags, ...) {                                                                       \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;                            \
        va_end(arguments);                                                                                             \
        int (*next)(const char *, int, ...) = (int (*)(const char *, int, ...)) dlsym(RTLD_NEXT, #name);               \
        return next(path, read_only(path, flags), mode);                                                               \
    }

/* What a call without a mode becomes when it is compiled with _FORTIFY_SOURCE, as distributions do. */
#define WRAP_FORTIFIED(name)                                                                                           \
    int name(const char *path, int flags) {                                                                            \
        int (*next)(const char *, int) = (int (*)(const char *, int)) dlsym(RTLD_NEXT, #name);                         \
        return next(path, read_only(path, flags));                                                                     \
    }

WRAP(open)
WRAP(open64)
WRAP_FORTIFIED(__open_2)
WRAP_FORTIFIED(__open64_2)
