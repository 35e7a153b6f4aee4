#include "gate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "guest.h"
#include "platform.h"

static const char *apply(const struct request *request)
{
    if (!platform_set_clock(request->time_ns))
        return "the clock was not set";
    if (!platform_mix_entropy(request->entropy, sizeof request->entropy))
        return "the entropy was not mixed in";
    if (!platform_set_machine_id(request->machine_id))
        return "the machine id was not written";
    if (!platform_set_hostname(request->hostname))
        return "the host name was not set";
    return NULL;
}

static int64_t realtime_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void confirm(struct guest *guest, struct stream *stream, const char *boot_nonce)
{
    struct utsname kernel;
    struct json_line line;
    uname(&kernel);
    json_begin(&line);
    json_add_boolean(&line, "ok", true);
    json_add_integer(&line, "time_ns", realtime_ns());
    json_add_string(&line, "boot_nonce", boot_nonce);
    json_add_string(&line, "kernel", kernel.release);
    json_end(&line);
    answer(guest, stream, &line);
}

void gate_answer(struct guest *guest, struct stream *stream, const struct request *request)
{
    struct session *session = &guest->session;
    if (session->gate != GATE_CLOSED) {
        answer_error(guest, stream, "identity: this session has had one");
        return;
    }
    if (request->kind == REQUEST_WARMING) {
        session->gate = GATE_WARMING;
        confirm(guest, stream, "");
        return;
    }
    /* From here on this guest is no longer like its snapshot: whatever happens, it is not to serve another session. */
    session->gate = GATE_REFUSED;
    const char *failure = apply(request);
    if (failure != NULL) {
        char message[128];
        snprintf(message, sizeof message, "identity: %s: %s", failure, strerror(errno));
        answer_error(guest, stream, message);
        return;
    }
    session->gate = GATE_OPEN;
    confirm(guest, stream, guest->boot_nonce);
}
