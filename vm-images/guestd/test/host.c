#include "host.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../src/bytes.h"
#include "../src/yamux.h"

#define PATIENCE_MS 20000
#define INITIAL_WINDOW (256u * 1024)

struct host host = {.fd = -1};

int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void remove_state(void)
{
    static const char *const names[] = {"port", "gate.log", "hosts", "refuse-entropy", "mark", "socket"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", host.directory, names[i]);
        unlink(path);
    }
    rmdir(host.directory);
}

static void end(void)
{
    if (host.guestd > 0) {
        kill(host.guestd, SIGKILL);
        waitpid(host.guestd, NULL, 0);
        host.guestd = 0;
    }
    if (host.fd >= 0)
        close(host.fd);
    for (size_t i = 0; i < MOST_STREAMS; i++)
        free(host.streams[i].bytes);
    if (host.directory[0] != '\0')
        remove_state();
    host.directory[0] = '\0';
    host.fd = -1;
}

static void start_guestd(void)
{
    const char *program = getenv("GUESTD_TEST");
    char path[128];
    snprintf(path, sizeof path, "%s/port", host.directory);
    CHECK(program != NULL);
    host.guestd = fork();
    if (host.guestd == 0) {
        execl(program, program, "--listen", path, "--state", host.directory, (char *)NULL);
        perror(program);
        _exit(127);
    }
}

void host_start(void)
{
    static bool registered;
    if (!registered)
        atexit(end);
    registered = true;
    end();
    memset(&host, 0, sizeof host);
    host.fd = -1;
    strcpy(host.directory, "/tmp/thaw-guestd-XXXXXX");
    CHECK(mkdtemp(host.directory) != NULL);
    start_guestd();
    host_connect();
}

int host_wait_for_end(void)
{
    int status = 0;
    for (int64_t deadline = now_ms() + PATIENCE_MS; now_ms() < deadline; usleep(5000)) {
        if (waitpid(host.guestd, &status, WNOHANG) == host.guestd) {
            host.guestd = 0;
            CHECK(WIFEXITED(status));
            return WEXITSTATUS(status);
        }
    }
    CHECK(!"guestd did not end");
    return -1;
}

void host_hang_up(void)
{
    close(host.fd);
    host.fd = -1;
}

void host_connect(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/port", host.directory);
    for (int64_t deadline = now_ms() + PATIENCE_MS; now_ms() < deadline; usleep(2000)) {
        host.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        CHECK(host.fd >= 0);
        if (connect(host.fd, (struct sockaddr *)&address, sizeof address) == 0)
            return;
        close(host.fd);
        host.fd = -1;
    }
    CHECK(!"guestd does not listen");
}

/* --- bytes ----------------------------------------------------------------------------------------------------- */

void host_write(const void *bytes, size_t count)
{
    const char *from = bytes;
    while (count > 0) {
        ssize_t sent = send(host.fd, from, count, MSG_NOSIGNAL);
        CHECK(sent > 0);
        from += sent;
        count -= (size_t)sent;
    }
}

static bool readable(int timeout_ms)
{
    struct pollfd poller = {.fd = host.fd, .events = POLLIN};
    return poll(&poller, 1, timeout_ms) > 0;
}

/* False when guestd closed the connection. */
static bool read_all(void *bytes, size_t count)
{
    for (size_t have = 0; have < count;) {
        CHECK(readable(PATIENCE_MS));
        ssize_t part = read(host.fd, (char *)bytes + have, count - have);
        if (part <= 0)
            return false;
        have += (size_t)part;
    }
    return true;
}

void host_begin_session(void)
{
    static unsigned session;
    char line[64], answer[64];
    snprintf(line, sizeof line, "THAW/2 %032x\n", ++session);
    host_write(line, 40);
    CHECK(read_all(answer, 40));
    CHECK(memcmp(line, answer, 40) == 0);
    for (size_t i = 0; i < MOST_STREAMS; i++) {
        free(host.streams[i].bytes);
        host.streams[i] = (struct heard){.window = INITIAL_WINDOW};
    }
    host.next_id = 1;
    host.go_away = -1;
    host.hung_up = false;
    host.grants = true;
}

void host_begin_warming(void)
{
    host_begin_session();
    CHECK(strstr(host_ask("{\"op\":\"identity\",\"warming\":true}"), "\"ok\":true") != NULL);
}

void host_begin_job(void)
{
    char line[512];
    host_begin_session();
    snprintf(line, sizeof line,
             "{\"op\":\"identity\",\"time_ns\":1700000000000000000,\"entropy\":\"%0128d\",\"machine_id\":\"%032d\","
             "\"hostname\":\"thaw-1\"}",
             7, 9);
    CHECK(strstr(host_ask(line), "\"ok\":true") != NULL);
}

/* --- frames ---------------------------------------------------------------------------------------------------- */

struct heard *host_heard(uint32_t id)
{
    CHECK(id % 2 == 1 && id / 2 < MOST_STREAMS);
    return &host.streams[id / 2];
}

void host_frame(unsigned type, unsigned flags, uint32_t id, uint32_t length)
{
    uint8_t frame[YAMUX_HEADER] = {0, (uint8_t)type};
    put_be16(frame + 2, (uint16_t)flags);
    put_be32(frame + 4, id);
    put_be32(frame + 8, length);
    host_write(frame, sizeof frame);
}

static void hear_data(uint32_t id, uint32_t length)
{
    struct heard *heard = host_heard(id);
    if (heard->length + length + 1 > heard->capacity) {
        heard->capacity = 2 * (heard->length + length + 1);
        heard->bytes = realloc(heard->bytes, heard->capacity);
        CHECK(heard->bytes != NULL);
    }
    CHECK(read_all(heard->bytes + heard->length, length));
    heard->length += length;
    heard->bytes[heard->length] = '\0';
    if (host.grants && length > 0)
        host_grant(id, length);
}

static void hear_frame(const uint8_t frame[YAMUX_HEADER])
{
    uint32_t id = get_be32(frame + 4), length = get_be32(frame + 8);
    unsigned flags = get_be16(frame + 2);
    CHECK(frame[0] == 0);
    CHECK(!(flags & YAMUX_SYN)); /* a guest opens no streams */
    if (frame[1] == YAMUX_PING) {
        host.pongs++;
        return;
    }
    if (frame[1] == YAMUX_GO_AWAY) {
        host.go_away = length;
        return;
    }
    struct heard *heard = host_heard(id);
    CHECK(!heard->finished || frame[1] == YAMUX_WINDOW_UPDATE); /* no data behind a FIN */
    if (frame[1] == YAMUX_DATA)
        hear_data(id, length);
    else
        heard->window += length;
    heard->finished |= (flags & YAMUX_FIN) != 0;
    heard->reset |= (flags & YAMUX_RST) != 0;
}

bool host_hear(int timeout_ms)
{
    uint8_t frame[YAMUX_HEADER];
    if (host.hung_up || !readable(timeout_ms))
        return false;
    if (!read_all(frame, sizeof frame))
        host.hung_up = true;
    else
        hear_frame(frame);
    return !host.hung_up;
}

void host_hear_for(int milliseconds)
{
    int64_t deadline = now_ms() + milliseconds;
    for (int64_t left = milliseconds; left > 0; left = deadline - now_ms())
        host_hear((int)left);
}

const char *host_hear_end(uint32_t id)
{
    struct heard *heard = host_heard(id);
    while (!heard->finished && !heard->reset)
        CHECK(host_hear(PATIENCE_MS));
    return heard->bytes == NULL ? "" : heard->bytes;
}

void host_hear_text(uint32_t id, const char *text)
{
    const struct heard *heard = host_heard(id);
    while (heard->bytes == NULL || strstr(heard->bytes, text) == NULL)
        CHECK(host_hear(PATIENCE_MS));
}

uint32_t host_open(const char *format, ...)
{
    char line[8192];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    CHECK(length > 0 && (size_t)length < sizeof line - 1);
    line[length++] = '\n';
    uint32_t id = host.next_id;
    host.next_id += 2;
    host_frame(YAMUX_DATA, YAMUX_SYN, id, (uint32_t)length);
    host_write(line, (size_t)length);
    host_heard(id)->window -= (uint32_t)length;
    return id;
}

void host_send(uint32_t id, const void *bytes, size_t count)
{
    const char *from = bytes;
    struct heard *heard = host_heard(id);
    while (count > 0) {
        while (host_hear(heard->window == 0 ? PATIENCE_MS : 0))
            continue;
        CHECK(heard->window > 0 && !heard->reset);
        size_t part = count < 65536 ? count : 65536;
        part = part < heard->window ? part : heard->window;
        host_frame(YAMUX_DATA, 0, id, (uint32_t)part);
        host_write(from, part);
        heard->window -= (uint32_t)part;
        from += part;
        count -= part;
    }
}

void host_finish(uint32_t id)
{
    host_frame(YAMUX_WINDOW_UPDATE, YAMUX_FIN, id, 0);
}

void host_reset(uint32_t id)
{
    host_frame(YAMUX_WINDOW_UPDATE, YAMUX_RST, id, 0);
}

void host_grant(uint32_t id, uint32_t delta)
{
    host_frame(YAMUX_WINDOW_UPDATE, 0, id, delta);
}

const char *host_ask(const char *line)
{
    uint32_t id = host_open("%s", line);
    const char *answer = host_hear_end(id);
    host_finish(id);
    return answer;
}

/* --- processes ------------------------------------------------------------------------------------------------- */

struct run host_run(const char *argv)
{
    static unsigned number;
    struct run run;
    number++;
    run.in = host_open("{\"op\":\"stdio\",\"exec\":\"r%u\",\"fd\":0}", number);
    run.out = host_open("{\"op\":\"stdio\",\"exec\":\"r%u\",\"fd\":1}", number);
    run.err = host_open("{\"op\":\"stdio\",\"exec\":\"r%u\",\"fd\":2}", number);
    run.control = host_open("{\"op\":\"exec\",\"exec\":\"r%u\",\"argv\":%s,\"env\":[\"PATH=/usr/bin:/bin\",\"DIR=%s\"],"
                            "\"cwd\":\"/tmp\"}",
                            number, argv, host.directory);
    return run;
}

struct run host_run_script(const char *script)
{
    char argv[4096];
    snprintf(argv, sizeof argv, "[\"sh\",\"-c\",\"%s\"]", script);
    struct run run = host_run(argv);
    host_finish(run.in);
    return run;
}

struct run host_run_at_terminal(const char *script)
{
    static unsigned number;
    struct run run = {.err = 0};
    number++;
    run.in = host_open("{\"op\":\"stdio\",\"exec\":\"t%u\",\"fd\":0}", number);
    run.out = host_open("{\"op\":\"stdio\",\"exec\":\"t%u\",\"fd\":1}", number);
    run.control = host_open("{\"op\":\"exec\",\"exec\":\"t%u\",\"argv\":[\"sh\",\"-c\",\"%s\"],\"env\":[\"PATH=/usr/bin:/bin\","
                            "\"DIR=%s\",\"TERM=dumb\"],\"cwd\":\"/tmp\",\"rows\":24,\"cols\":80}",
                            number, script, host.directory);
    return run;
}

size_t guestd_memory_kib(void)
{
    char path[64], line[256];
    size_t kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", host.guestd);
    FILE *status = fopen(path, "r");
    CHECK(status != NULL);
    while (fgets(line, sizeof line, status) != NULL)
        sscanf(line, "VmRSS: %zu", &kib);
    fclose(status);
    CHECK(kib > 0);
    return kib;
}
