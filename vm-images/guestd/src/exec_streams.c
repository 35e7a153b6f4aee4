#include "exec_streams.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "terminal.h"

/* --- standard input, output, error ----------------------------------------------------------------------------- */

static int descriptor_of(const struct exec *exec, const struct channel *channel)
{
    return channel == exec->io[0] ? 0 : channel == exec->io[1] ? 1 : 2;
}

static struct channel *take_io(struct exec *exec, int fd)
{
    struct channel *channel = exec->io[fd];
    exec->io[fd] = NULL;
    return channel;
}

/* A host that has sent FIN gets one back; one that is still sending is told to stop. */
static void end_stdin(struct exec *exec)
{
    struct channel *channel = take_io(exec, 0);
    if (channel == NULL)
        return;
    struct stream *stream = channel->stream;
    bool host_finished = channel->host_finished;
    channel_close(channel);
    if (stream != NULL && host_finished)
        yamux_finish(&exec->guest->yamux, stream);
    else if (stream != NULL)
        yamux_abort(&exec->guest->yamux, stream);
}

static void end_output(struct exec *exec, int fd)
{
    struct channel *channel = take_io(exec, fd);
    if (channel == NULL)
        return;
    struct stream *stream = channel->stream;
    /*
     * After the exit a background process may still hold the pipe: it must neither block nor be hurt. A terminal is
     * hung up, as terminals are.
     */
    if (channel->held_only && !exec->has_terminal)
        channel_discard(channel);
    else
        channel_close(channel);
    if (stream != NULL)
        yamux_finish(&exec->guest->yamux, stream);
}

static void put_outcome(struct json_line *line, int status)
{
    json_begin(line);
    if (WIFSIGNALED(status))
        json_add_integer(line, "signaled", WTERMSIG(status));
    else
        json_add_integer(line, "exited", WEXITSTATUS(status));
    json_end(line);
}

static void send_outcome_if_drained(struct exec *exec)
{
    if (exec->state == EXEC_JOINING && exec->io[0] == NULL && exec->io[1] == NULL && exec->io[2] == NULL) {
        exec_remove(exec);
    } else if (exec->state == EXEC_EXITED && exec->io[1] == NULL && exec->io[2] == NULL) {
        struct json_line line;
        put_outcome(&line, exec->status);
        exec_end(exec, &line);
    }
}

static void on_to_host_ended(struct channel *channel, bool broken)
{
    struct exec *exec = channel->owner;
    (void)broken;
    end_output(exec, descriptor_of(exec, channel));
    send_outcome_if_drained(exec);
}

static void on_to_guest_ended(struct channel *channel, bool broken)
{
    (void)broken;
    end_stdin(channel->owner);
}

static void on_stream_gone(struct channel *channel, enum stream_end end)
{
    struct exec *exec = channel->owner;
    int fd = descriptor_of(exec, channel);
    take_io(exec, fd);
    /* A forgotten session hurts no process: its output goes nowhere from now on. RST is the host closing the pipe. */
    if (end == STREAM_FORGOTTEN && fd > 0 && channel->watch.fd >= 0 && !exec->has_terminal)
        channel_discard(channel);
    else
        channel_close(channel);
    /* A terminal nobody looks at. */
    if (fd == 1 && exec->has_terminal) {
        end_stdin(exec);
        exec_hang_up(exec);
    }
    send_outcome_if_drained(exec);
}

static const struct channel_events io_events = {NULL, on_to_host_ended, on_to_guest_ended, on_stream_gone};

void exec_open_io(struct exec *exec, int fd, struct stream *stream)
{
    unsigned direction = fd == 0 ? CHANNEL_TO_GUEST : CHANNEL_TO_HOST;
    exec->io[fd] = channel_open(exec->guest, stream, direction, &io_events, exec);
}

void exec_attach_io(struct exec *exec, int fd, int descriptor)
{
    if (channel_attach(exec->io[fd], descriptor, exec->has_terminal ? CHANNEL_TERMINAL : CHANNEL_PIPE))
        return;
    if (fd == 0)
        end_stdin(exec);
    else
        end_output(exec, fd);
}

/* --- the control stream ---------------------------------------------------------------------------------------- */

/* Once only: a host that goes on sending what is no signal must not be able to fill the window of the outcome. */
static void complain(struct exec *exec)
{
    struct json_line line;
    if (exec->complained)
        return;
    exec->complained = true;
    json_begin(&line);
    json_add_string(&line, "error", "exec: what follows the opening line must be {\"signal\":1..64} or, with a terminal, its rows and cols");
    json_end(&line);
    yamux_send(&exec->guest->yamux, exec->control, line.text, line.length);
}

static void act_on_line(struct exec *exec)
{
    struct control control;
    if (exec->line_length > CONTROL_LINE || !request_read_control(exec->line, exec->line_length, &control) ||
        (control.signal == 0 && !exec->has_terminal))
        complain(exec);
    else if (control.signal == 0 && exec->terminal >= 0)
        terminal_resize(exec->terminal, control.rows, control.columns);
    else if (control.signal != 0 && exec->state == EXEC_RUNNING)
        kill(-exec->pid, control.signal);
    exec->line_length = 0;
}

static void on_control_data(void *owner, const uint8_t *bytes, size_t count)
{
    struct exec *exec = owner;
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\n')
            act_on_line(exec);
        else if (exec->line_length < CONTROL_LINE)
            exec->line[exec->line_length++] = (char)bytes[i];
        else
            exec->line_length = CONTROL_LINE + 1; /* too long, whatever it is */
    }
    yamux_consumed(&exec->guest->yamux, exec->control, count, false);
}

static void on_control_event(void *owner)
{
    (void)owner;
}

static void on_control_gone(void *owner, enum stream_end end)
{
    struct exec *exec = owner;
    exec->control = NULL;
    if (end == STREAM_RESET && exec->state == EXEC_RUNNING)
        kill(-exec->pid, SIGKILL);
}

static const struct role control_role = {on_control_data, on_control_event, on_control_event, on_control_gone};

void exec_open_control(struct exec *exec, struct stream *stream)
{
    exec->control = stream;
    conversation_assign(stream, &control_role, exec);
}

/* --- the end --------------------------------------------------------------------------------------------------- */

void exec_exited(struct exec *exec, int status)
{
    exec->state = EXEC_EXITED;
    exec->status = status;
    end_stdin(exec);
    for (int fd = 1; fd < 3; fd++)
        if (exec->io[fd] != NULL) {
            /* The outcome may go with the last of the two, and the exec with it. */
            bool last = fd == 2 || exec->io[2] == NULL;
            channel_send_held(exec->io[fd]);
            if (last)
                return;
        }
    send_outcome_if_drained(exec);
}

void exec_end(struct exec *exec, const struct json_line *outcome)
{
    struct guest *guest = exec->guest;
    struct stream *control = exec->control;
    end_stdin(exec);
    end_output(exec, 1);
    end_output(exec, 2);
    if (control != NULL) {
        conversation_assign(control, &role_none, NULL);
        answer(guest, control, outcome);
    }
    exec_remove(exec);
}
