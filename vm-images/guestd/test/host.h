/* The host's side of the protocol, for tests: starts guestd-test and talks to it over a socket. */
#ifndef THAW_HOST_H
#define THAW_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "check.h"

#define MOST_STREAMS 1100

/* What guestd said on one stream. */
struct heard {
    char *bytes; /* ends with NUL */
    size_t length, capacity;
    bool finished, reset;
    uint32_t window; /* what we may still send */
};

struct host {
    int fd;
    pid_t guestd;
    char directory[64]; /* of the gate's state and the listening socket */
    bool grants;        /* window for whatever comes, at once */
    bool hung_up;       /* guestd closed the connection */
    uint32_t next_id;
    int64_t go_away; /* its code; -1: none came */
    uint32_t pongs;
    struct heard streams[MOST_STREAMS];
};

extern struct host host;

/* A guestd of its own for each test, connected, without a session. The one of the test before is ended. */
void host_start(void);
/* Its exit status, once it has ended by itself. */
int host_wait_for_end(void);
void host_hang_up(void);
void host_connect(void);

/* Sends a preamble and hunts for the answer. */
void host_begin_session(void);
void host_begin_warming(void);
void host_begin_job(void);

void host_write(const void *bytes, size_t count);
void host_frame(unsigned type, unsigned flags, uint32_t id, uint32_t length);
/* Opens a stream with this line, and returns its id. */
uint32_t host_open(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* All of it, as the window allows; what comes meanwhile is heard. */
void host_send(uint32_t id, const void *bytes, size_t count);
void host_finish(uint32_t id);
void host_reset(uint32_t id);
void host_grant(uint32_t id, uint32_t delta);
struct heard *host_heard(uint32_t id);
/* Hears one frame if it comes within so long. */
bool host_hear(int timeout_ms);
void host_hear_for(int milliseconds);
/* Until guestd has sent FIN or RST, and then all that it said. */
const char *host_hear_end(uint32_t id);
/* Until this text has been said. */
void host_hear_text(uint32_t id, const char *text);
/* The whole answer to one line. */
const char *host_ask(const char *line);

/* An exec with all three descriptors; argv as JSON. */
struct run {
    uint32_t in, out, err, control;
};
struct run host_run(const char *argv);
/* The same as `sh -c`, its standard input at its end already. */
struct run host_run_script(const char *script);
/* The same at a terminal of 24 rows and 80 columns; nobody has typed anything yet, and there is no err. */
struct run host_run_at_terminal(const char *script);

size_t guestd_memory_kib(void);
int64_t now_ms(void);

#endif
