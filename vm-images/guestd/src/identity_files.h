/* The files in which a machine's identity stands. All replace what was there, however often. False: errno says why. */
#ifndef THAW_IDENTITY_FILES_H
#define THAW_IDENTITY_FILES_H

#include <stdbool.h>

/* machine-id(5), hostname(5): the text and a newline. */
bool identity_write(const char *path, const char *text);
/* hosts(5): the line of 127.0.1.1 becomes that of `hostname`, the others stay. */
bool identity_replace_hosts(const char *path, const char *hostname);

#endif
