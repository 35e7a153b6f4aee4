#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define CONTROL_D 4

#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif

static bool prepare_slave(int slave, const struct user *user)
{
    struct termios settings;
    /* mesg(1) and a shell's tools expect to own their terminal; the group is the mount's. */
    if (user->uid != geteuid() && fchown(slave, user->uid, (gid_t)-1) < 0)
        return false;
    if (tcgetattr(slave, &settings) < 0)
        return false;
    settings.c_iflag |= IUTF8;
    return tcsetattr(slave, TCSANOW, &settings) == 0;
}

bool terminal_open(struct terminal *terminal, const struct user *user, int64_t rows, int64_t columns)
{
    terminal->slave = -1;
    terminal->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (terminal->master < 0)
        return false;
    terminal_resize(terminal->master, rows, columns);
    /* By the master and not by its name: /dev/pts may be another one in the namespace of whoever asks. */
    if (unlockpt(terminal->master) == 0)
        terminal->slave = ioctl(terminal->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal->slave >= 0 && prepare_slave(terminal->slave, user))
        return true;
    int error = errno;
    if (terminal->slave >= 0)
        close(terminal->slave);
    close(terminal->master);
    terminal->master = terminal->slave = -1;
    errno = error;
    return false;
}

void terminal_resize(int master, int64_t rows, int64_t columns)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    ioctl(master, TIOCSWINSZ, &size);
}

uint8_t terminal_end_character(int master)
{
    struct termios settings;
    return tcgetattr(master, &settings) == 0 ? settings.c_cc[VEOF] : CONTROL_D;
}
