/* Processes at a terminal. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "../src/yamux.h"
#include "host.h"

static struct run start(const char *script)
{
    host_start();
    host_begin_warming();
    return host_run_at_terminal(script);
}

static void check_outcome(uint32_t control, const char *outcome)
{
    const char *said = host_hear_end(control);
    CHECK(strncmp(said, "{\"started\":", 11) == 0);
    CHECK_TEXT(strchr(said, '\n') + 1, outcome);
}

static bool marked(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/mark", host.directory);
    return access(path, F_OK) == 0;
}

static void await_mark(void)
{
    for (int64_t deadline = now_ms() + 10000; !marked(); host_hear_for(20))
        CHECK(now_ms() < deadline);
}

TEST(a_terminal_has_the_size_that_was_asked_for_and_is_that_of_its_own_session)
{
    struct run run = start("tty; stty size; test $(ps -o sid= -p $$) = $$ && echo leads; echo written >/dev/tty;"
                           " test -O $(tty) && echo owns; stty -a | grep -o '[-]*iutf8'; ls -1 /proc/$$/fd");
    check_outcome(run.control, "{\"exited\":0}\n");
    const char *said = host_hear_end(run.out);
    CHECK(strncmp(said, "/dev/pts/", 9) == 0);
    CHECK_TEXT(strchr(said, '\n'), "\n24 80\r\nleads\r\nwritten\r\nowns\r\niutf8\r\n0\r\n1\r\n2\r\n");
}

TEST(a_terminal_carries_both_outputs_in_the_order_they_were_written)
{
    struct run run = start("echo one; echo two >&2; echo three");
    check_outcome(run.control, "{\"exited\":0}\n");
    CHECK_TEXT(host_hear_end(run.out), "one\r\ntwo\r\nthree\r\n");
}

TEST(a_terminal_that_is_resized_tells_its_processes)
{
    struct run run = start("trap 'stty size; exit 3' WINCH; echo ready; while :; do sleep 0.05; done");
    host_hear_text(run.out, "ready\r\n");
    host_send(run.control, "{\"rows\":50,\"cols\":132}\n", 23);
    check_outcome(run.control, "{\"exited\":3}\n");
    CHECK_TEXT(host_hear_end(run.out), "ready\r\n50 132\r\n");
}

TEST(a_size_for_a_process_without_terminal_is_complained_of)
{
    host_start();
    host_begin_warming();
    struct run run = host_run("[\"cat\"]");
    host_send(run.control, "{\"rows\":50,\"cols\":132}\n", 23);
    host_hear_text(run.control, "{\"error\":");
    host_finish(run.in);
    host_hear_end(run.control);
}

TEST(a_terminal_turns_control_c_into_a_signal_for_its_foreground_process)
{
    struct run run = start("echo ready; exec sleep 60");
    host_hear_text(run.out, "ready\r\n");
    host_send(run.in, "\003", 1);
    check_outcome(run.control, "{\"signaled\":2}\n");
}

TEST(a_terminal_echoes_what_is_typed_and_ends_the_input_with_the_host_s_fin)
{
    struct run run = start("cat; echo rest; cat");
    host_send(run.in, "one\n", 4);
    host_hear_text(run.out, "one\r\none\r\n");
    /* In the middle of a line: once for what there is of it, and once for the end. */
    host_send(run.in, "two", 3);
    host_finish(run.in);
    host_hear_text(run.out, "twotwo");
    host_hear_text(run.out, "rest\r\n");
    CHECK(host_heard(run.in)->finished && !host_heard(run.in)->reset);
    host_reset(run.control);
    host_hear_end(run.out);
}

TEST(a_terminal_whose_input_ended_before_it_began_is_at_its_end)
{
    host_start();
    host_begin_warming();
    uint32_t in = host_open("{\"op\":\"stdio\",\"exec\":\"e\",\"fd\":0}");
    uint32_t out = host_open("{\"op\":\"stdio\",\"exec\":\"e\",\"fd\":1}");
    host_send(in, "early\n", 6);
    host_finish(in);
    host_hear_for(50);
    uint32_t control = host_open("{\"op\":\"exec\",\"exec\":\"e\",\"argv\":[\"/bin/cat\"],\"env\":[],\"cwd\":\"/\",\"rows\":1,\"cols\":1}");
    check_outcome(control, "{\"exited\":0}\n");
    CHECK(strstr(host_hear_end(out), "early\r\n") != NULL);
}

TEST(a_terminal_without_input_works)
{
    host_start();
    host_begin_warming();
    uint32_t out = host_open("{\"op\":\"stdio\",\"exec\":\"e\",\"fd\":1}");
    uint32_t control = host_open("{\"op\":\"exec\",\"exec\":\"e\",\"argv\":[\"/bin/tty\"],\"env\":[],\"cwd\":\"/\",\"rows\":0,\"cols\":0}");
    check_outcome(control, "{\"exited\":0}\n");
    CHECK(strncmp(host_hear_end(out), "/dev/pts/", 9) == 0);
}

TEST(a_terminal_delivers_all_output_before_the_outcome)
{
    host_start();
    host_begin_warming();
    for (int round = 0; round < 10; round++) {
        struct run run = host_run_at_terminal("seq 1 5000");
        check_outcome(run.control, "{\"exited\":0}\n");
        const char *said = host_hear_end(run.out);
        CHECK(host_heard(run.out)->length == 23893 + 5000);
        CHECK_TEXT(said + host_heard(run.out)->length - 6, "5000\r\n");
    }
}

TEST(a_terminal_takes_much_input_from_a_program_that_reads_it_raw)
{
    static char bytes[300000];
    memset(bytes, 'x', sizeof bytes);
    struct run run = start("stty raw -echo; echo ready; head -c 300000 | wc -c");
    host_hear_text(run.out, "ready\n");
    host_send(run.in, bytes, sizeof bytes);
    check_outcome(run.control, "{\"exited\":0}\n");
    CHECK(strstr(host_hear_end(run.out), "300000") != NULL);
}

TEST(a_process_that_has_closed_its_terminal_is_not_hung_up)
{
    struct run run = start("exec <&- >&- 2>&-; sleep 0.5; exit 7");
    host_finish(run.in);
    CHECK_TEXT(host_hear_end(run.out), "");
    check_outcome(run.control, "{\"exited\":7}\n");
}

TEST(a_terminal_that_nobody_looks_at_any_more_hangs_up)
{
    struct run run = start("trap 'touch $DIR/mark; exit' HUP; echo ready; while :; do sleep 0.05; done");
    host_hear_text(run.out, "ready\r\n");
    CHECK(!marked());
    host_reset(run.out);
    host_hear_end(run.control);
    CHECK(marked());
}

TEST(a_terminal_hangs_up_when_the_session_ends)
{
    struct run run = start("trap 'touch $DIR/mark; exit' HUP; echo ready; while :; do sleep 0.05; done");
    host_hear_text(run.out, "ready\r\n");
    host_hang_up();
    host_connect();
    host_begin_session();
    await_mark();
}

TEST(a_background_process_at_a_terminal_does_not_delay_the_outcome_and_is_hung_up)
{
    int64_t begun = now_ms();
    /* `wait`: the trap is there before the shell that leads the session goes. */
    struct run run = start("(trap 'touch $DIR/mark; exit' HUP; touch $DIR/socket; while :; do sleep 0.05; done) &"
                           " while ! test -e $DIR/socket; do sleep 0.05; done; echo done; exit 4");
    check_outcome(run.control, "{\"exited\":4}\n");
    CHECK(now_ms() - begun < 10000);
    CHECK(strncmp(host_hear_end(run.out), "done\r\n", 6) == 0);
    await_mark();
}

TEST(reset_of_the_exec_stream_ends_a_process_at_a_terminal)
{
    struct run run = start("trap '' HUP TERM INT; echo ready; while :; do sleep 0.05; done");
    host_hear_text(run.out, "ready\r\n");
    host_reset(run.control);
    host_hear_end(run.out);
    CHECK(host_heard(run.out)->finished);
}

TEST(a_terminal_has_one_output)
{
    host_start();
    host_begin_warming();
    uint32_t err = host_open("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":2}");
    host_open("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":1}");
    static const char exec[] = "{\"op\":\"exec\",\"exec\":\"%s\",\"argv\":[\"/bin/true\"],\"env\":[],\"cwd\":\"/\",\"rows\":1,\"cols\":1}";
    char line[256];
    snprintf(line, sizeof line, exec, "e1");
    CHECK(strncmp(host_ask(line), "{\"error\":", 9) == 0);
    host_hear_end(err);
    snprintf(line, sizeof line, exec, "e2");
    CHECK(strncmp(host_ask(line), "{\"error\":", 9) == 0);
}

TEST(a_terminal_is_refused_like_any_process_that_cannot_begin)
{
    host_start();
    host_begin_warming();
    uint32_t out = host_open("{\"op\":\"stdio\",\"exec\":\"e\",\"fd\":1}");
    const char *said = host_ask("{\"op\":\"exec\",\"exec\":\"e\",\"argv\":[\"/nonexistent\"],\"env\":[],\"cwd\":\"/\",\"rows\":1,\"cols\":1}");
    CHECK(strncmp(said, "{\"failed\":\"not-found\"", 21) == 0);
    CHECK_TEXT(host_hear_end(out), "");
}
