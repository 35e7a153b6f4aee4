#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "guest.h"

#define PORT_READ 65536
#define PORT_WRITE 32768
/* A host that sends pings or opens streams without reading the answers is not read from until it does. */
#define CONTROL_ENOUGH (256u * 1024)

static void on_port_event(struct watch *watch, uint32_t events)
{
    struct session *session = (struct session *)((char *)watch - offsetof(struct session, port));
    (void)events; /* what the port has, its read and write calls say */
    session->port_readable = true;
    session->port_full = false;
}

void session_init(struct guest *guest)
{
    outbox_reset(&guest->outbox);
    yamux_init(&guest->yamux, &guest->outbox, &conversation_events, guest);
    guest->session.port = (struct watch){.fd = -1, .on_event = on_port_event};
}

bool session_holds_job(const struct guest *guest)
{
    return guest->session.gate == GATE_OPEN || guest->session.gate == GATE_REFUSED;
}

/* Every stream first: what it still says on its way out goes with the outbox. */
static void forget(struct guest *guest)
{
    struct session *session = &guest->session;
    yamux_reset(&guest->yamux);
    outbox_reset(&guest->outbox);
    execs_forget_session(guest);
    session->phase = SESSION_HUNTING;
    session->gate = GATE_CLOSED;
    session->preamble.matched = 0;
    session->reopens_port = false;
    session->deadline = monotonic_ms() + HUNTING_POLL_MS;
}

static void begin(struct guest *guest)
{
    struct session *session = &guest->session;
    struct preamble preamble = session->preamble;
    forget(guest);
    byte_queue_append(&guest->outbox.control, preamble.line, PREAMBLE_LENGTH);
    session->phase = SESSION_OPEN;
    session->host_seen = false;
    session->deadline = monotonic_ms() + SESSION_GRACE_MS;
}

static void close_session(struct guest *guest)
{
    guest->session.phase = SESSION_CLOSING;
    guest->session.deadline = monotonic_ms() + SESSION_GRACE_MS;
    yamux_stop(&guest->yamux);
}

void session_end_guest(struct guest *guest, enum guest_end end)
{
    guest->session.ends_guest = true;
    guest->session.end = end;
    close_session(guest);
}

void session_forget_after_answer(struct guest *guest)
{
    close_session(guest);
}

static void finish_closing(struct guest *guest)
{
    if (guest->session.ends_guest)
        platform_end_machine(guest->session.end);
    if (guest->session.reopens_port)
        platform_reopen_port();
    forget(guest);
    guest->session.port_readable = true;
}

/* --- reading --------------------------------------------------------------------------------------------------- */

static void hung_up(struct guest *guest)
{
    if (session_holds_job(guest))
        platform_end_machine(GUEST_HUNG_UP);
    forget(guest);
}

static void say_go_away(struct guest *guest)
{
    yamux_go_away(&guest->yamux, YAMUX_GO_AWAY_PROTOCOL_ERROR);
    close_session(guest);
}

static void on_breach(struct guest *guest)
{
    uint8_t frame[YAMUX_HEADER];
    size_t taken;
    fprintf(stderr, "guestd: the host broke the protocol: %s\n", guest->yamux.breach);
    if (session_holds_job(guest)) {
        say_go_away(guest);
        session_end_guest(guest, GUEST_BREACHED);
        return;
    }
    /* A host that connected before the last one's hanging up was seen: its preamble came where a frame was due. */
    memcpy(frame, guest->yamux.header, sizeof frame);
    forget(guest);
    preamble_hunt(&guest->session.preamble, frame, sizeof frame, &taken);
}

/* Whether the session that was open when the bytes began has broken the protocol in them. */
static bool decode(struct guest *guest, const uint8_t *bytes, size_t count)
{
    struct session *session = &guest->session;
    bool breached = false;
    while (count > 0 && session->phase != SESSION_CLOSING) {
        size_t taken;
        if (session->phase == SESSION_OPEN) {
            taken = yamux_input(&guest->yamux, bytes, count);
            if (guest->yamux.breach != NULL) {
                breached = true;
                on_breach(guest);
            }
        } else if (preamble_hunt(&session->preamble, bytes, count, &taken)) {
            begin(guest);
        }
        bytes += taken;
        count -= taken;
    }
    return breached;
}

static void end_of_file(struct guest *guest)
{
    struct session *session = &guest->session;
    session->port_readable = false;
    /*
     * The driver takes a host's bytes from an interrupt and the news that it connected from a work queue, so the port
     * of a host that has just come can still read as end of file.
     */
    if (session->phase == SESSION_OPEN && (session->host_seen || monotonic_ms() >= session->deadline))
        hung_up(guest);
}

static bool may_read(const struct guest *guest)
{
    const struct session *session = &guest->session;
    return session->port_readable && session->phase != SESSION_CLOSING &&
           guest->outbox.control.length < CONTROL_ENOUGH;
}

void session_read(struct guest *guest)
{
    static uint8_t buffer[PORT_READ];
    struct session *session = &guest->session;
    if (!may_read(guest))
        return;
    size_t length = 0;
    ssize_t count = 1;
    /* The driver gives at most a page per call; decoding larger pieces means fewer writes to a process's input. */
    while (length < sizeof buffer && (count = platform_read_port(buffer + length, sizeof buffer - length)) > 0)
        length += (size_t)count;
    if (count < 0 && errno == EAGAIN) {
        session->port_readable = false;
        session->host_seen = true;
    }
    if (decode(guest, buffer, length) && session->phase == SESSION_HUNTING && session->preamble.matched == 0) {
        say_go_away(guest);
        session->reopens_port = true;
    }
    if (count == 0)
        end_of_file(guest);
}

/* --- writing and time ------------------------------------------------------------------------------------------ */

void session_write(struct guest *guest)
{
    struct session *session = &guest->session;
    size_t count;
    for (;;) {
        const uint8_t *front = outbox_front(&guest->outbox, PORT_WRITE, &count);
        if (count == 0 || session->port_full)
            break;
        ssize_t written = platform_write_port(front, count);
        if (written < 0) {
            session->port_full = errno != EINTR;
            break;
        }
        session->host_seen = true;
        outbox_sent(&guest->outbox, (size_t)written);
    }
    if (count == 0 && session->phase == SESSION_CLOSING)
        finish_closing(guest);
}

void session_tick(struct guest *guest)
{
    struct session *session = &guest->session;
    int64_t now = monotonic_ms();
    /* Every wait for the port is by its events; this is for one that was lost, and is not armed while all is idle. */
    if (session->port_full && now >= session->retry) {
        session->port_full = false;
        session->retry = now + HUNTING_POLL_MS;
    }
    if ((session->phase == SESSION_OPEN && session->host_seen) || now < session->deadline)
        return;
    if (session->phase == SESSION_CLOSING) {
        finish_closing(guest);
        return;
    }
    session->port_readable = true;
    if (session->phase == SESSION_HUNTING)
        session->deadline = now + HUNTING_POLL_MS;
}

int session_patience(const struct guest *guest)
{
    const struct session *session = &guest->session;
    if (may_read(guest) || guest->discarding.count > 0 || (guest->ready.count > 0 && !outbox_has_enough(guest)))
        return 0;
    if (outbox_length(&guest->outbox) > 0)
        return session->port_full ? HUNTING_POLL_MS : 0;
    if (session->phase == SESSION_OPEN && session->host_seen)
        return -1;
    int64_t left = session->deadline - monotonic_ms();
    return left < 0 ? 0 : (int)left;
}
