/* Connections into the guest. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../src/yamux.h"
#include "host.h"

static int listen_unix(char path[128])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(path, 128, "%s/socket", host.directory);
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 4) == 0);
    return fd;
}

/* A stream and the connection it became. */
static int dial_unix(uint32_t *stream)
{
    char path[128];
    int listener = listen_unix(path);
    *stream = host_open("{\"op\":\"dial\",\"unix\":\"%s\"}", path);
    host_hear_text(*stream, "{\"ok\":true}\n");
    int fd = accept(listener, NULL, NULL);
    CHECK(fd >= 0);
    close(listener);
    return fd;
}

static void check_reads(int fd, const char *expected)
{
    char text[256] = "";
    size_t length = strlen(expected), have = 0;
    while (have < length) {
        ssize_t part = read(fd, text + have, length - have);
        CHECK(part > 0);
        have += (size_t)part;
    }
    CHECK_TEXT(text, expected);
}

TEST(dial_carries_bytes_and_half_closes_both_ways)
{
    uint32_t stream;
    char byte;
    host_start();
    host_begin_warming();
    int fd = dial_unix(&stream);
    host_send(stream, "request", 7);
    check_reads(fd, "request");
    host_finish(stream);
    CHECK(read(fd, &byte, 1) == 0);
    CHECK(write(fd, "response", 8) == 8);
    close(fd);
    CHECK_TEXT(host_hear_end(stream), "{\"ok\":true}\nresponse");
}

TEST(dial_whose_service_closes_first_still_delivers_to_it)
{
    uint32_t stream;
    host_start();
    host_begin_warming();
    int fd = dial_unix(&stream);
    shutdown(fd, SHUT_WR);
    CHECK_TEXT(host_hear_end(stream), "{\"ok\":true}\n");
    host_send(stream, "late", 4);
    host_finish(stream);
    check_reads(fd, "late");
    char byte;
    CHECK(read(fd, &byte, 1) == 0);
    close(fd);
}

TEST(dial_delivers_what_waits_after_both_sides_are_finished)
{
    /* More than a socket holds and less than a window: all is sent, FIN too, while part of it waits in guestd. */
    enum { SIZE = 250000 };
    uint32_t stream;
    host_start();
    host_begin_warming();
    int fd = dial_unix(&stream);
    char *bytes = calloc(1, SIZE);
    shutdown(fd, SHUT_WR);
    if (fork() == 0) {
        /* A service that begins to read when all has long been sent. */
        usleep(300000);
        size_t have = 0;
        for (ssize_t part; (part = read(fd, bytes, SIZE)) > 0;)
            have += (size_t)part;
        char path[128];
        snprintf(path, sizeof path, "%s/mark", host.directory);
        if (have == SIZE)
            fclose(fopen(path, "w"));
        _exit(0);
    }
    close(fd);
    host_send(stream, bytes, SIZE);
    host_finish(stream);
    free(bytes);
    char path[128];
    snprintf(path, sizeof path, "%s/mark", host.directory);
    for (int64_t deadline = now_ms() + 5000; access(path, F_OK) != 0; usleep(10000))
        CHECK(now_ms() < deadline);
}

TEST(dial_reset_by_the_host_closes_the_connection)
{
    uint32_t stream;
    char byte;
    host_start();
    host_begin_warming();
    int fd = dial_unix(&stream);
    host_reset(stream);
    CHECK(read(fd, &byte, 1) <= 0);
    close(fd);
}

TEST(dial_to_a_service_that_resets_is_reset)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    host_start();
    host_begin_warming();
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 1) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    uint32_t stream = host_open("{\"op\":\"dial\",\"tcp\":\"127.0.0.1:%u\"}", ntohs(address.sin_port));
    host_hear_text(stream, "{\"ok\":true}\n");
    int fd = accept(listener, NULL, NULL);
    host_send(stream, "x", 1);
    check_reads(fd, "x");
    struct linger abort_it = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort_it, sizeof abort_it);
    close(fd);
    host_hear_end(stream);
    CHECK(host_heard(stream)->reset);
    close(listener);
}

TEST(dial_to_nobody_is_an_error)
{
    host_start();
    host_begin_warming();
    CHECK(strncmp(host_ask("{\"op\":\"dial\",\"unix\":\"/nonexistent/socket\"}"), "{\"error\":\"dial: ", 16) == 0);
    CHECK(strncmp(host_ask("{\"op\":\"dial\",\"tcp\":\"127.0.0.1:1\"}"), "{\"error\":\"dial: ", 16) == 0);
}

TEST(dial_before_identity_is_refused)
{
    host_start();
    host_begin_session();
    CHECK(strstr(host_ask("{\"op\":\"dial\",\"unix\":\"/run/docker.sock\"}"), "no identity") != NULL);
}
