/* One conversation with a host: from its preamble to its end. */
#ifndef THAW_SESSION_H
#define THAW_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"
#include "platform.h"
#include "preamble.h"

struct guest;

enum session_phase {
    SESSION_HUNTING, /* none: looking for a preamble */
    SESSION_OPEN,
    SESSION_CLOSING, /* over; the last answer is on its way out */
};

enum session_gate { GATE_CLOSED, GATE_REFUSED, GATE_OPEN, GATE_WARMING };

struct session {
    enum session_phase phase;
    enum session_gate gate;
    struct preamble preamble;
    struct watch port;
    bool port_readable;
    bool port_full;
    int64_t retry; /* when writing is tried again should no event come */
    bool host_seen;   /* since this session began the port has shown a connected host */
    int64_t deadline; /* of CLOSING; for the host to be seen; of the next look at the port while HUNTING */
    bool ends_guest;  /* what CLOSING leads to: the end of the guest, or hunting again */
    bool reopens_port;
    enum guest_end end;
};

/* How long a host may take to read the last answer, and to show itself after its preamble. */
#define SESSION_GRACE_MS 2000
/* Edges tell of a new host; this catches one that was lost, and runs only without a session. */
#define HUNTING_POLL_MS 500

void session_init(struct guest *guest);
/* Reads what the port holds, up to a fair share. */
void session_read(struct guest *guest);
/* Writes what the outbox holds until the port is full. */
void session_write(struct guest *guest);
/* What time has brought. */
void session_tick(struct guest *guest);
/* How long the loop may sleep: milliseconds, or -1. */
int session_patience(const struct guest *guest);
/* An identity that is not for warming was begun: from now on the end of the session is the end of the guest. */
bool session_holds_job(const struct guest *guest);
/* For events: after what is queued has left, end the guest or forget the session. */
void session_end_guest(struct guest *guest, enum guest_end end);
void session_forget_after_answer(struct guest *guest);

#endif
