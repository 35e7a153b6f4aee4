/* The streams of one exec, from joining to the outcome. Only for exec.c. */
#ifndef THAW_EXEC_STREAMS_H
#define THAW_EXEC_STREAMS_H

#include "channel.h"

enum exec_state {
    EXEC_JOINING,  /* streams have named it; nothing was started */
    EXEC_STARTING, /* being started right now */
    EXEC_RUNNING,
    EXEC_EXITED, /* what its pipes held is on the way to the host, the outcome follows */
};

#define CONTROL_LINE 256

struct exec {
    struct exec *next;
    struct guest *guest;
    enum exec_state state;
    char id[EXEC_ID_LENGTH + 1];
    pid_t pid;
    int status;
    struct stream *control;
    struct channel *io[3];
    char line[CONTROL_LINE + 1]; /* of the control stream, until its newline */
    size_t line_length;
    bool complained;
    bool has_terminal; /* io[0] and io[1] are duplicates of its master */
    int terminal;      /* another, until it is hung up; or -1 */
};

void exec_open_io(struct exec *exec, int fd, struct stream *stream);
void exec_attach_io(struct exec *exec, int fd, int descriptor);
void exec_open_control(struct exec *exec, struct stream *stream);
void exec_exited(struct exec *exec, int status);
/* Ends all its streams, the control stream with this line, and the exec. */
void exec_end(struct exec *exec, const struct json_line *outcome);
void exec_hang_up(struct exec *exec);
void exec_remove(struct exec *exec);

#endif
