#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec_streams.h"
#include "platform.h"
#include "spawn.h"
#include "terminal.h"

#define MOST_IDS 65536
#define PIPE_SIZE (1024 * 1024)

static bool id_was_used(const struct exec_table *execs, const char *id)
{
    for (size_t i = 0; i < execs->used; i++)
        if (strcmp(execs->used_ids[i], id) == 0)
            return true;
    return false;
}

static void mark_used(struct exec_table *execs, const char *id)
{
    if (execs->used == execs->capacity) {
        execs->capacity = execs->capacity == 0 ? 64 : execs->capacity * 2;
        execs->used_ids = reallocate(execs->used_ids, execs->capacity * sizeof execs->used_ids[0]);
    }
    strcpy(execs->used_ids[execs->used++], id);
}

static struct exec *find_joining(const struct exec_table *execs, const char *id)
{
    struct exec *exec = execs->first;
    while (exec != NULL && (exec->state != EXEC_JOINING || strcmp(exec->id, id) != 0))
        exec = exec->next;
    return exec;
}

static struct exec *find_or_add(struct guest *guest, const char *id)
{
    struct exec *exec = find_joining(&guest->execs, id);
    if (exec != NULL)
        return exec;
    exec = allocate(sizeof *exec);
    exec->guest = guest;
    exec->terminal = -1;
    strcpy(exec->id, id);
    exec->next = guest->execs.first;
    guest->execs.first = exec;
    return exec;
}

void exec_hang_up(struct exec *exec)
{
    if (exec->terminal >= 0)
        close(exec->terminal);
    exec->terminal = -1;
}

void exec_remove(struct exec *exec)
{
    exec_hang_up(exec);
    struct exec **link = &exec->guest->execs.first;
    while (*link != exec)
        link = &(*link)->next;
    *link = exec->next;
    free(exec);
}

void exec_join(struct guest *guest, struct stream *stream, const struct request *request)
{
    if (id_was_used(&guest->execs, request->exec)) {
        answer_error(guest, stream, "stdio: this exec has already begun");
        return;
    }
    struct exec *exec = find_or_add(guest, request->exec);
    if (exec->io[request->fd] != NULL)
        answer_error(guest, stream, "stdio: this descriptor already has a stream");
    else
        exec_open_io(exec, (int)request->fd, stream);
}

/* --- starting -------------------------------------------------------------------------------------------------- */

static const char *failure_name(enum spawn_result result)
{
    switch (result) {
    case SPAWN_NOT_FOUND:
        return "not-found";
    case SPAWN_NOT_EXECUTABLE:
        return "not-executable";
    case SPAWN_BAD_CWD:
        return "bad-cwd";
    case SPAWN_BAD_USER:
        return "bad-user";
    case SPAWN_NO_RESOURCES:
    case SPAWNED:
        break;
    }
    return "resources";
}

static void fail(struct exec *exec, enum spawn_result result, const char *what, int error)
{
    char message[512];
    struct json_line line;
    snprintf(message, sizeof message, "%.256s: %s", what, error == 0 ? "no such user" : strerror(error));
    json_begin(&line);
    json_add_string(&line, "failed", failure_name(result));
    json_add_string(&line, "message", message);
    json_end(&line);
    exec_end(exec, &line);
}

/* Both ends of what one descriptor of the process is connected to; `ours` is -1 for /dev/null. */
struct connection {
    int ours, theirs;
};

static bool connect_descriptor(const struct exec *exec, int fd, struct connection *connection)
{
    if (exec->io[fd] == NULL) {
        connection->theirs = open("/dev/null", (fd == 0 ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
        return connection->theirs >= 0;
    }
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    connection->theirs = ends[fd == 0 ? 0 : 1];
    connection->ours = ends[fd == 0 ? 1 : 0];
    /* The default 64 KiB would mean a switch between writer and guestd for every 64 KiB; where refused it stays. */
    fcntl(connection->ours, F_SETPIPE_SZ, PIPE_SIZE);
    return fcntl(connection->ours, F_SETFL, O_NONBLOCK) == 0;
}

static void close_all(struct connection connections[3], bool ours_too)
{
    for (int fd = 0; fd < 3; fd++) {
        if (connections[fd].theirs >= 0)
            close(connections[fd].theirs);
        if (ours_too && connections[fd].ours >= 0)
            close(connections[fd].ours);
    }
}

static bool connect_pipes(const struct exec *exec, struct connection connections[3])
{
    for (int fd = 0; fd < 3; fd++)
        if (!connect_descriptor(exec, fd, &connections[fd]))
            return false;
    return true;
}

static int duplicate(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

/*
 * One slave for all three. Output and input hold a master each, so that each can end by itself, and the exec one more: a
 * process that has closed its terminal, as many do on their way to exit, must not find it hung up.
 */
static bool connect_terminal(struct exec *exec, const struct request *request, const struct user *user,
                             struct connection connections[3])
{
    struct terminal terminal;
    if (!terminal_open(&terminal, user, request->rows, request->columns))
        return false;
    connections[1] = (struct connection){terminal.master, terminal.slave};
    connections[2].theirs = duplicate(terminal.slave);
    connections[0].theirs = duplicate(terminal.slave);
    if (exec->io[0] != NULL)
        connections[0].ours = duplicate(terminal.master);
    exec->terminal = duplicate(terminal.master);
    return exec->terminal >= 0 && connections[0].theirs >= 0 && connections[2].theirs >= 0 &&
           (exec->io[0] == NULL || connections[0].ours >= 0);
}

static enum spawn_result launch(struct exec *exec, const struct request *request, const struct user *user, int *error)
{
    struct connection connections[3] = {{-1, -1}, {-1, -1}, {-1, -1}};
    struct spawn spawn = {.argv = request->argv, .env = request->env, .cwd = request->cwd, .user = user,
                          .takes_terminal = exec->has_terminal};
    if (!(exec->has_terminal ? connect_terminal(exec, request, user, connections) : connect_pipes(exec, connections))) {
        *error = errno;
        close_all(connections, true);
        return SPAWN_NO_RESOURCES;
    }
    for (int fd = 0; fd < 3; fd++)
        spawn.fds[fd] = connections[fd].theirs;
    enum spawn_result result = spawn_process(&spawn, &exec->pid, error);
    close_all(connections, result != SPAWNED);
    if (result != SPAWNED)
        return result;
    exec->state = EXEC_RUNNING;
    for (int fd = 0; fd < 3; fd++)
        if (connections[fd].ours >= 0)
            exec_attach_io(exec, fd, connections[fd].ours);
    return SPAWNED;
}

static void refuse(struct exec *exec, const char *message)
{
    struct json_line line;
    json_begin(&line);
    json_add_string(&line, "error", message);
    json_end(&line);
    exec_end(exec, &line);
}

void exec_start(struct guest *guest, struct stream *stream, const struct request *request)
{
    if (id_was_used(&guest->execs, request->exec) || guest->execs.used == MOST_IDS) {
        answer_error(guest, stream, "exec: this id was used before, or there were too many");
        return;
    }
    mark_used(&guest->execs, request->exec);
    struct exec *exec = find_or_add(guest, request->exec);
    exec->state = EXEC_STARTING;
    exec->has_terminal = request->rows >= 0;
    exec_open_control(exec, stream);
    if (exec->has_terminal && (exec->io[1] == NULL || exec->io[2] != NULL)) {
        refuse(exec, "exec: the output of a terminal is descriptor 1 and no other");
        return;
    }
    struct user user;
    if (!platform_find_user(request->user, &user)) {
        fail(exec, SPAWN_BAD_USER, request->user, 0);
        return;
    }
    int error = 0;
    enum spawn_result result = launch(exec, request, &user, &error);
    if (result != SPAWNED) {
        const char *what = result == SPAWN_BAD_CWD    ? request->cwd
                           : result == SPAWN_BAD_USER ? request->user
                                                      : request->argv[0];
        fail(exec, result, what, error);
        return;
    }
    struct json_line line;
    json_begin(&line);
    json_add_integer(&line, "started", exec->pid);
    json_end(&line);
    yamux_send(&guest->yamux, stream, line.text, line.length);
}

/* --- the end --------------------------------------------------------------------------------------------------- */

static struct exec *find_running(const struct exec_table *execs, pid_t pid)
{
    struct exec *exec = execs->first;
    while (exec != NULL && (exec->state != EXEC_RUNNING || exec->pid != pid))
        exec = exec->next;
    return exec;
}

void execs_reap(struct guest *guest)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct exec *exec = find_running(&guest->execs, pid);
        if (exec != NULL)
            exec_exited(exec, status);
    }
}

bool execs_running(const struct exec_table *execs)
{
    for (const struct exec *exec = execs->first; exec != NULL; exec = exec->next)
        if (exec->state == EXEC_RUNNING)
            return true;
    return false;
}

void execs_forget_session(struct guest *guest)
{
    guest->execs.used = 0;
}
