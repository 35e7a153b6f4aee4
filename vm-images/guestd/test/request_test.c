#include "../src/request.h"

#include <arpa/inet.h>

#include "check.h"

static char line[4096], fault[REQUEST_FAULT];
static struct request request;

static bool reads(const char *text)
{
    strcpy(line, text);
    fault[0] = '\0';
    bool read = request_read(line, strlen(line), &request, fault);
    CHECK(read == (fault[0] == '\0'));
    return read;
}

static bool refuses(const char *text)
{
    bool read = reads(text);
    if (read)
        request_release(&request);
    return !read;
}

#define ENTROPY_HALF "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define IDENTITY(time, entropy, machine, host)                                                                         \
    "{\"op\":\"identity\",\"time_ns\":" time ",\"entropy\":\"" entropy "\",\"machine_id\":\"" machine                  \
    "\",\"hostname\":\"" host "\"}"
#define MACHINE "0123456789abcdef0123456789abcdef"

TEST(identity_is_read_in_full)
{
    CHECK(reads(IDENTITY("1700000000123456789", ENTROPY_HALF ENTROPY_HALF, MACHINE, "thaw-3f9c")));
    CHECK(request.kind == REQUEST_IDENTITY && request.time_ns == 1700000000123456789);
    CHECK(request.entropy[1] == 0x11 && request.entropy[63] == 0xFF);
    CHECK_TEXT(request.machine_id, MACHINE);
    CHECK_TEXT(request.hostname, "thaw-3f9c");
    request_release(&request);
}

TEST(identity_of_a_warming_session_has_nothing_else)
{
    CHECK(reads("{\"op\":\"identity\",\"warming\":true}") && request.kind == REQUEST_WARMING);
    request_release(&request);
    CHECK(refuses("{\"op\":\"identity\",\"warming\":false}"));
    CHECK(refuses("{\"op\":\"identity\",\"warming\":true,\"hostname\":\"h\"}"));
    CHECK(refuses("{\"op\":\"identity\"}"));
}

TEST(identity_with_a_wrong_value_is_refused)
{
    CHECK(refuses(IDENTITY("0", ENTROPY_HALF ENTROPY_HALF, MACHINE, "h")));
    CHECK(refuses(IDENTITY("-5", ENTROPY_HALF ENTROPY_HALF, MACHINE, "h")));
    CHECK(refuses(IDENTITY("\"5\"", ENTROPY_HALF ENTROPY_HALF, MACHINE, "h")));
    CHECK(refuses(IDENTITY("5", ENTROPY_HALF, MACHINE, "h")));
    CHECK(refuses(IDENTITY("5", ENTROPY_HALF ENTROPY_HALF "00", MACHINE, "h")));
    CHECK(refuses(IDENTITY("5", ENTROPY_HALF ENTROPY_HALF, "0123456789ABCDEF0123456789ABCDEF", "h")));
    CHECK(refuses(IDENTITY("5", ENTROPY_HALF ENTROPY_HALF, MACHINE, "")));
    CHECK(refuses(IDENTITY("5", ENTROPY_HALF ENTROPY_HALF, MACHINE, "a b")));
    CHECK(refuses(IDENTITY("5", ENTROPY_HALF ENTROPY_HALF, MACHINE, "a\\n10.0.0.1 b")));
}

TEST(exec_is_read_with_root_as_default_user)
{
    CHECK(reads("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"a\",\"\"],\"env\":[\"X=1\"],\"cwd\":\"/w\"}"));
    CHECK(request.kind == REQUEST_EXEC && request.argv[2] == NULL && request.env[1] == NULL);
    CHECK_TEXT(request.user, "root");
    CHECK_TEXT(request.argv[1], "");
    request_release(&request);
    CHECK(reads("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"a\"],\"env\":[],\"cwd\":\"/\",\"user\":\"build\"}"));
    CHECK_TEXT(request.user, "build");
    request_release(&request);
}

TEST(exec_with_a_wrong_field_is_refused_and_says_which)
{
    CHECK(refuses("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"a\"],\"env\":[]}"));
    CHECK_TEXT(fault, "exec: the field cwd is missing");
    CHECK(refuses("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":\"a\",\"env\":[],\"cwd\":\"/\"}"));
    CHECK_TEXT(fault, "exec: argv must be an array of strings");
    CHECK(refuses("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"a\"],\"env\":[],\"cwd\":\"/\",\"tty\":true}"));
    CHECK_TEXT(fault, "exec: a field that is not known");
    CHECK(refuses("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[],\"env\":[],\"cwd\":\"/\"}"));
    CHECK(refuses("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"\"],\"env\":[],\"cwd\":\"/\"}"));
    CHECK(refuses("{\"op\":\"exec\",\"exec\":\"E1\",\"argv\":[\"a\"],\"env\":[],\"cwd\":\"/\"}"));
    CHECK(refuses("{\"op\":\"exec\",\"exec\":\"\",\"argv\":[\"a\"],\"env\":[],\"cwd\":\"/\"}"));
    CHECK(refuses("{\"op\":\"exec\",\"exec\":\"12345678901234567\",\"argv\":[\"a\"],\"env\":[],\"cwd\":\"/\"}"));
}

TEST(stdio_is_of_the_three_descriptors)
{
    CHECK(reads("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":2}") && request.fd == 2);
    request_release(&request);
    CHECK(refuses("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":3}"));
    CHECK(refuses("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":-1}"));
    CHECK(refuses("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":4294967296}"));
}

TEST(dial_is_to_this_guest_only)
{
    CHECK(reads("{\"op\":\"dial\",\"tcp\":\"127.0.0.1:8080\"}") && request.kind == REQUEST_DIAL_TCP);
    CHECK(ntohs(request.tcp_address.sin_port) == 8080);
    request_release(&request);
    CHECK(reads("{\"op\":\"dial\",\"unix\":\"/run/docker.sock\"}") && request.kind == REQUEST_DIAL_UNIX);
    request_release(&request);
    static const char *const refused[] = {"128.0.0.1:80", "10.0.0.1:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0",
                                          "127.0.0.1:65536", "127.0.0.1:080", "127.1:80", "localhost:80", "[::1]:80",
                                          "127.0.0.1:80 ", ":80", ""};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "{\"op\":\"dial\",\"tcp\":\"%s\"}", refused[i]);
        if (!refuses(text))
            check_failed(__FILE__, __LINE__, refused[i]);
    }
    CHECK(refuses("{\"op\":\"dial\",\"unix\":\"run/docker.sock\"}"));
    CHECK(refuses("{\"op\":\"dial\",\"unix\":\"/s\",\"tcp\":\"127.0.0.1:80\"}"));
    CHECK(refuses("{\"op\":\"dial\"}"));
}

TEST(an_op_nobody_knows_is_refused)
{
    CHECK(refuses("{\"op\":\"reboot\"}"));
    CHECK_TEXT(fault, "unknown op reboot");
    CHECK(refuses("{\"op\":5}"));
    CHECK(refuses("{}"));
    CHECK(refuses("{\"op\":\"poweroff\",\"now\":true}"));
    CHECK(refuses("{\"op\":\"freeze\",\"nonce\":\"short\"}"));
}

TEST(a_signal_is_a_number_from_1_to_64_and_nothing_else)
{
    struct control control;
    strcpy(line, "{\"signal\":15}");
    CHECK(request_read_control(line, strlen(line), &control) && control.signal == 15);
    static const char *const refused[] = {"{\"signal\":0}", "{\"signal\":65}", "{\"signal\":\"15\"}", "{}",
                                          "{\"signal\":15,\"x\":1}", "15"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        strcpy(line, refused[i]);
        CHECK(!request_read_control(line, strlen(line), &control));
    }
}

TEST(the_size_of_a_terminal_is_two_numbers_up_to_65535)
{
    struct control control;
    strcpy(line, "{\"cols\":132,\"rows\":0}");
    CHECK(request_read_control(line, strlen(line), &control));
    CHECK(control.signal == 0 && control.rows == 0 && control.columns == 132);
    static const char *const refused[] = {"{\"rows\":24}", "{\"rows\":24,\"cols\":-1}", "{\"rows\":65536,\"cols\":1}",
                                          "{\"rows\":24,\"cols\":\"80\"}", "{\"rows\":24,\"cols\":80,\"signal\":2}"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        strcpy(line, refused[i]);
        CHECK(!request_read_control(line, strlen(line), &control));
    }
}

TEST(exec_gets_a_terminal_when_it_names_a_size)
{
    CHECK(reads("{\"op\":\"exec\",\"exec\":\"e\",\"argv\":[\"a\"],\"env\":[],\"cwd\":\"/\"}"));
    CHECK(request.rows == -1 && request.columns == -1);
    request_release(&request);
    CHECK(reads("{\"op\":\"exec\",\"exec\":\"e\",\"argv\":[\"a\"],\"env\":[],\"cwd\":\"/\",\"rows\":0,\"cols\":80}"));
    CHECK(request.rows == 0 && request.columns == 80);
    request_release(&request);
    CHECK(refuses("{\"op\":\"exec\",\"exec\":\"e\",\"argv\":[\"a\"],\"env\":[],\"cwd\":\"/\",\"rows\":24}"));
    CHECK_TEXT(fault, "exec: rows and cols come together, each from 0 to 65535");
    CHECK(refuses("{\"op\":\"exec\",\"exec\":\"e\",\"argv\":[\"a\"],\"env\":[],\"cwd\":\"/\",\"rows\":-1,\"cols\":-1}"));
    CHECK(refuses("{\"op\":\"exec\",\"exec\":\"e\",\"argv\":[\"a\"],\"env\":[],\"cwd\":\"/\",\"rows\":\"1\",\"cols\":1}"));
}
