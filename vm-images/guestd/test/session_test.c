/* The life of a session: preamble, gate, freeze, breach, end. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../src/platform.h"
#include "../src/yamux.h"
#include "host.h"

#define NONCE "00112233445566778899aabbccddeeff"
#define EXEC_TRUE "{\"op\":\"exec\",\"exec\":\"t%u\",\"argv\":[\"/bin/true\"],\"env\":[],\"cwd\":\"/\"}"

static const char *state_file(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", host.directory, name);
    return path;
}

static const char *read_state(const char *name)
{
    static char text[1024];
    FILE *file = fopen(state_file(name), "r");
    CHECK(file != NULL);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void check_refused(const char *line, const char *reason)
{
    const char *answer = host_ask(line);
    CHECK(strncmp(answer, "{\"error\":\"", 10) == 0);
    if (strstr(answer, reason) == NULL)
        CHECK_TEXT(answer, reason);
}

TEST(rubbish_before_the_preamble_is_thrown_away_unanswered)
{
    host_start();
    host_write("\0\0garbage\nTHAW/2 nearly\nTHAW/2 0123", 36);
    host_begin_session();
    CHECK(strstr(host_ask("{\"op\":\"identity\",\"warming\":true}"), "\"boot_nonce\":\"\"") != NULL);
}

TEST(nothing_is_said_before_the_preamble)
{
    char byte;
    host_start();
    host_write("THAW/2 \0\1\0\0\0\0\0\1", 15);
    usleep(100000);
    fcntl(host.fd, F_SETFL, O_NONBLOCK);
    CHECK(read(host.fd, &byte, 1) < 0);
}

TEST(identity_takes_its_steps_in_order)
{
    host_start();
    host_begin_job();
    char expected[512];
    snprintf(expected, sizeof expected,
             "clock 1700000000000000000\nentropy %0128d\nmachine-id %032d\nhostname thaw-1\n", 7, 9);
    CHECK_TEXT(read_state("gate.log"), expected);
    CHECK_TEXT(read_state("hosts"), "127.0.1.1\tthaw-1\n");
    CHECK(strstr(host_hear_end(host_open(EXEC_TRUE, 1u)), "{\"exited\":0}") != NULL);
}

TEST(identity_comes_once)
{
    host_start();
    host_begin_job();
    check_refused("{\"op\":\"identity\",\"warming\":true}", "has had one");
    CHECK(strstr(host_hear_end(host_open(EXEC_TRUE, 1u)), "{\"exited\":0}") != NULL);
}

TEST(identity_whose_step_fails_never_opens_the_gate)
{
    char line[512];
    host_start();
    fclose(fopen(state_file("refuse-entropy"), "w"));
    host_begin_session();
    snprintf(line, sizeof line,
             "{\"op\":\"identity\",\"time_ns\":1,\"entropy\":\"%0128d\",\"machine_id\":\"%032d\",\"hostname\":\"h\"}", 7, 9);
    check_refused(line, "the entropy was not mixed in");
    CHECK_TEXT(read_state("gate.log"), "clock 1\n");
    unlink(state_file("refuse-entropy"));
    check_refused(line, "has had one");
    check_refused("{\"op\":\"identity\",\"warming\":true}", "has had one");
    check_refused("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"true\"],\"env\":[],\"cwd\":\"/\"}", "no identity");
    host_hang_up();
    CHECK(host_wait_for_end() == GUEST_HUNG_UP);
}

TEST(exec_before_identity_is_refused)
{
    host_start();
    host_begin_session();
    check_refused("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"touch\",\"/tmp/x\"],\"env\":[],\"cwd\":\"/\"}", "no identity");
}

TEST(an_unknown_op_a_broken_line_and_an_unended_one_are_answered)
{
    host_start();
    host_begin_session();
    check_refused("{\"op\":\"shutdown\"}", "unknown op shutdown");
    check_refused("{\"op\":\"poweroff\",\"x\":1}", "not known");
    check_refused("not json", "not a flat JSON object");
    uint32_t id = host.next_id;
    host_frame(YAMUX_DATA, YAMUX_SYN | YAMUX_FIN, id, 4);
    host_write("{\"op", 4);
    CHECK(strstr(host_hear_end(id), "does not end") != NULL);
}

TEST(an_opening_line_may_come_in_pieces_and_be_long)
{
    enum { PADDING = 1000000 };
    host_start();
    host_begin_warming();
    char *spaces = malloc(PADDING);
    memset(spaces, ' ', PADDING);
    uint32_t id = host.next_id;
    host.next_id += 2;
    host_frame(YAMUX_WINDOW_UPDATE, YAMUX_SYN, id, 0);
    host_send(id, "{\"op\":\"st", 9);
    host_send(id, "dio\",\"exec\":", 12);
    host_send(id, spaces, PADDING);
    host_send(id, "\"big\",\"fd\":0}\nhello", 19);
    host_finish(id);
    free(spaces);
    uint32_t out = host_open("{\"op\":\"stdio\",\"exec\":\"big\",\"fd\":1}");
    host_open("{\"op\":\"exec\",\"exec\":\"big\",\"argv\":[\"/bin/cat\"],\"env\":[],\"cwd\":\"/\"}");
    CHECK_TEXT(host_hear_end(out), "hello");
}

/* --- freeze ---------------------------------------------------------------------------------------------------- */

TEST(freeze_keeps_the_nonce_and_the_next_session_gets_it)
{
    char line[512];
    host_start();
    host_begin_warming();
    CHECK_TEXT(host_ask("{\"op\":\"freeze\",\"nonce\":\"" NONCE "\"}"), "{\"ok\":true}\n");
    host_hang_up();
    host_connect();
    host_begin_session();
    snprintf(line, sizeof line,
             "{\"op\":\"identity\",\"time_ns\":1,\"entropy\":\"%0128d\",\"machine_id\":\"%032d\",\"hostname\":\"h\"}", 7, 9);
    CHECK(strstr(host_ask(line), "\"boot_nonce\":\"" NONCE "\"") != NULL);
}

TEST(freeze_leaves_no_session_even_on_the_same_connection)
{
    host_start();
    host_begin_warming();
    uint32_t id = host_open("{\"op\":\"freeze\",\"nonce\":\"" NONCE "\"}");
    CHECK_TEXT(host_hear_end(id), "{\"ok\":true}\n");
    /* A frame of the old session, as a clone may see it again, and then a new host on the same port. */
    host_frame(YAMUX_PING, YAMUX_SYN, 0, 1);
    host_begin_session();
    check_refused("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"true\"],\"env\":[],\"cwd\":\"/\"}", "no identity");
}

TEST(freeze_is_for_warming_sessions)
{
    host_start();
    host_begin_session();
    check_refused("{\"op\":\"freeze\",\"nonce\":\"" NONCE "\"}", "not a warming one");
    host_start();
    host_begin_job();
    check_refused("{\"op\":\"freeze\",\"nonce\":\"" NONCE "\"}", "not a warming one");
}

TEST(freeze_is_refused_while_a_process_runs_or_another_stream_is_open)
{
    host_start();
    host_begin_warming();
    uint32_t control = host_open("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"/bin/sleep\",\"60\"],\"env\":[],\"cwd\":\"/\"}");
    host_hear_text(control, "started");
    check_refused("{\"op\":\"freeze\",\"nonce\":\"" NONCE "\"}", "still running");
    host_send(control, "{\"signal\":9}\n", 13);
    host_hear_end(control);
    check_refused("{\"op\":\"freeze\",\"nonce\":\"" NONCE "\"}", "another stream");
    host_finish(control);
    CHECK_TEXT(host_ask("{\"op\":\"freeze\",\"nonce\":\"" NONCE "\"}"), "{\"ok\":true}\n");
}

/* --- the end --------------------------------------------------------------------------------------------------- */

TEST(poweroff_is_answered_and_ends_the_guest)
{
    host_start();
    host_begin_session();
    CHECK_TEXT(host_hear_end(host_open("{\"op\":\"poweroff\"}")), "{\"ok\":true}\n");
    CHECK(host_wait_for_end() == GUEST_POWERED_OFF);
}

TEST(hanging_up_on_a_job_ends_the_guest_at_once)
{
    host_start();
    host_begin_job();
    host_open("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"/bin/sleep\",\"2\"],\"env\":[],\"cwd\":\"/\"}");
    int64_t begun = now_ms();
    host_hang_up();
    CHECK(host_wait_for_end() == GUEST_HUNG_UP);
    CHECK(now_ms() - begun < 1000);
}

TEST(hanging_up_while_warming_hurts_no_process_and_a_new_session_begins)
{
    host_start();
    host_begin_warming();
    struct run run = host_run_script("echo ready; sleep 0.3; head -c 2000000 /dev/zero && touch $DIR/mark");
    host_hear_text(run.out, "ready\n");
    host_hang_up();
    host_connect();
    host_begin_warming();
    check_refused("{\"op\":\"freeze\",\"nonce\":\"" NONCE "\"}", "still running");
    for (int64_t deadline = now_ms() + 5000; access(state_file("mark"), F_OK) != 0; usleep(10000))
        CHECK(now_ms() < deadline);
    /* Ids of the session before are free again. */
    CHECK(strstr(host_hear_end(host_open(EXEC_TRUE, 1u)), "{\"exited\":0}") != NULL);
}

TEST(a_new_preamble_without_a_visible_hang_up_begins_a_new_session)
{
    host_start();
    host_begin_warming();
    host_open("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":1}");
    host_begin_session();
    check_refused("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"true\"],\"env\":[],\"cwd\":\"/\"}", "no identity");
}

static void check_breach_of_a_job(void)
{
    while (host_hear(5000))
        continue;
    CHECK(host.go_away == YAMUX_GO_AWAY_PROTOCOL_ERROR);
    CHECK(host.hung_up);
    CHECK(host_wait_for_end() == GUEST_BREACHED);
}

TEST(a_breach_in_a_job_is_answered_with_go_away_and_ends_the_guest)
{
    host_start();
    host_begin_job();
    host_frame(YAMUX_DATA, 0, 999, 0);
    check_breach_of_a_job();
}

TEST(an_opening_line_longer_than_1_mib_is_a_breach)
{
    enum { SIZE = 1024 * 1024 };
    host_start();
    host_begin_job();
    char *line = calloc(1, SIZE);
    memset(line, ' ', SIZE);
    uint32_t id = host.next_id;
    host_frame(YAMUX_WINDOW_UPDATE, YAMUX_SYN, id, 0);
    host_send(id, line, SIZE - 1);
    CHECK(host.go_away < 0);
    host_send(id, line, 1);
    free(line);
    check_breach_of_a_job();
}

TEST(an_opening_line_that_is_not_utf8_is_a_breach)
{
    host_start();
    host_begin_job();
    host_open("{\"op\":\"poweroff\xFF\"}");
    check_breach_of_a_job();
}

TEST(a_breach_without_a_job_closes_the_port_and_the_next_host_is_served)
{
    host_start();
    host_begin_warming();
    host_frame(YAMUX_DATA, 0, 999, 0);
    while (host_hear(5000))
        continue;
    CHECK(host.go_away == YAMUX_GO_AWAY_PROTOCOL_ERROR && host.hung_up);
    host_hang_up();
    host_connect();
    host_begin_warming();
    CHECK(strstr(host_hear_end(host_open(EXEC_TRUE, 1u)), "{\"exited\":0}") != NULL);
}

TEST(streams_beyond_1024_are_reset_and_the_others_live)
{
    host_start();
    host_begin_warming();
    for (int i = 0; i < YAMUX_MAX_STREAMS; i++)
        host_frame(YAMUX_WINDOW_UPDATE, YAMUX_SYN, host.next_id + 2 * (uint32_t)i, 0);
    uint32_t first = host.next_id;
    host.next_id += 2 * YAMUX_MAX_STREAMS;
    uint32_t extra = host_open("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":1}");
    host_hear_end(extra);
    CHECK(host_heard(extra)->reset);
    host_send(first, "{\"op\":\"nothing\"}\n", 17);
    CHECK(strstr(host_hear_end(first), "unknown op") != NULL);
}
