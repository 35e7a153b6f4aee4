/* The processes guestd started, and the streams that belong to them. */
#ifndef THAW_EXEC_H
#define THAW_EXEC_H

#include "conversation.h"
#include "request.h"

struct exec;

struct exec_table {
    struct exec *first;
    char (*used_ids)[EXEC_ID_LENGTH + 1]; /* in this session */
    size_t used, capacity;
};

void exec_join(struct guest *guest, struct stream *stream, const struct request *request);
void exec_start(struct guest *guest, struct stream *stream, const struct request *request);
/* On SIGCHLD. */
void execs_reap(struct guest *guest);
bool execs_running(const struct exec_table *execs);
/* The session is over, its streams are gone: ids may be used again. No process is hurt. */
void execs_forget_session(struct guest *guest);

#endif
