/* The opening line of a stream: what the host asks for, checked in full before anything is done. */
#ifndef THAW_REQUEST_H
#define THAW_REQUEST_H

#include <netinet/in.h>

#include "json.h"

#define EXEC_ID_LENGTH 16
#define ENTROPY_BYTES 64
#define NONCE_DIGITS 32
#define MACHINE_ID_DIGITS 32

enum request_kind {
    REQUEST_IDENTITY,
    REQUEST_WARMING, /* identity of a session that warms a template */
    REQUEST_EXEC,
    REQUEST_STDIO,
    REQUEST_DIAL_UNIX,
    REQUEST_DIAL_TCP,
    REQUEST_FREEZE,
    REQUEST_POWEROFF,
};

/* Everything in it lives as long as the line it was read from and until request_release(). */
struct request {
    enum request_kind kind;
    struct json_object json;
    const char *exec;
    char **argv, **env;
    const char *cwd, *user;
    int64_t rows, columns; /* of its terminal; both -1: it gets none */
    int64_t fd;
    int64_t time_ns;
    const char *entropy_digits;
    uint8_t entropy[ENTROPY_BYTES];
    const char *machine_id, *hostname;
    bool warming;
    const char *unix_path, *tcp;
    struct sockaddr_in tcp_address;
    const char *nonce;
};

#define REQUEST_FAULT 256

/* `line` (without its newline) is overwritten and needs one writable byte after it; false: `fault` says why. */
bool request_read(char *line, size_t length, struct request *request, char fault[REQUEST_FAULT]);
void request_release(struct request *request);

/* What may follow on the stream of an exec: {"signal":N} or {"rows":N,"cols":N}. */
struct control {
    int signal; /* 0: it is a size */
    int64_t rows, columns;
};

bool request_read_control(char *line, size_t length, struct control *control);

#endif
