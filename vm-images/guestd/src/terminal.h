/* A pseudo-terminal: the master is guestd's, the slave becomes a process's 0, 1 and 2. */
#ifndef THAW_TERMINAL_H
#define THAW_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "users.h"

#define TERMINAL_LARGEST 65535

/* What the kernel holds back between slave and master is less than this. */
#define TERMINAL_HOLDS_LESS 65536

struct terminal {
    int master, slave;
};

/* Both close on exec, the master never blocks; false: errno says why, and neither is open. */
bool terminal_open(struct terminal *terminal, const struct user *user, int64_t rows, int64_t columns);
/* The foreground processes get SIGWINCH if it is another size. */
void terminal_resize(int master, int64_t rows, int64_t columns);
/* What somebody would type to end the input. */
uint8_t terminal_end_character(int master);

#endif
