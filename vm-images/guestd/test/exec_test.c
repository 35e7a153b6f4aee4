/* Running processes: what they get, and how their end is told. */
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../src/yamux.h"
#include "host.h"

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

TEST(exec_runs_a_program_found_in_the_path_of_its_environment)
{
    host_start();
    host_begin_warming();
    struct run run = host_run("[\"true\"]");
    check_outcome(run.control, "{\"exited\":0}\n");
    CHECK_TEXT(host_hear_end(run.out), "");
    CHECK_TEXT(host_hear_end(run.err), "");
}

TEST(exec_tells_the_exit_status)
{
    host_start();
    host_begin_warming();
    check_outcome(host_run_script("exit 37").control, "{\"exited\":37}\n");
}

TEST(exec_tells_the_signal_that_killed_a_process)
{
    host_start();
    host_begin_warming();
    check_outcome(host_run_script("kill -11 $$").control, "{\"signaled\":11}\n");
}

TEST(exec_passes_signals_to_the_process_group)
{
    host_start();
    host_begin_warming();
    struct run run = host_run_script("trap 'echo got; exit 5' USR1; echo ready; while :; do sleep 0.05; done");
    host_hear_text(run.out, "ready\n");
    host_send(run.control, "{\"signal\":10}\n", 14);
    check_outcome(run.control, "{\"exited\":5}\n");
    CHECK_TEXT(host_hear_end(run.out), "ready\ngot\n");
}

TEST(exec_answers_a_control_line_that_is_no_signal_and_goes_on)
{
    host_start();
    host_begin_warming();
    struct run run = host_run("[\"cat\"]");
    host_send(run.control, "{\"resize\":1}\n", 13);
    host_hear_text(run.control, "{\"error\":");
    host_finish(run.in);
    host_hear_end(run.control);
    CHECK(strstr(host_heard(run.control)->bytes, "{\"exited\":0}\n") != NULL);
}

TEST(exec_keeps_stdout_and_stderr_apart_and_ends_both_before_the_outcome)
{
    host_start();
    host_begin_warming();
    struct run run = host_run_script("echo to stdout; echo to stderr >&2");
    check_outcome(run.control, "{\"exited\":0}\n");
    CHECK(host_heard(run.out)->finished && host_heard(run.err)->finished);
    CHECK_TEXT(host_heard(run.out)->bytes, "to stdout\n");
    CHECK_TEXT(host_heard(run.err)->bytes, "to stderr\n");
}

TEST(exec_sees_the_end_of_an_output_that_came_together_with_its_last_bytes)
{
    host_start();
    host_begin_warming();
    struct run run = host_run_script("echo ready >&2; sleep 0.2; echo last; exec >&-; sleep 30");
    host_hear_text(run.err, "ready\n");
    kill(host.guestd, SIGSTOP);
    usleep(600000);
    kill(host.guestd, SIGCONT);
    CHECK_TEXT(host_hear_end(run.out), "last\n");
    CHECK(!host_heard(run.control)->finished);
}

TEST(exec_ends_standard_input_with_the_host_s_fin)
{
    host_start();
    host_begin_warming();
    struct run run = host_run("[\"cat\"]");
    host_send(run.in, "one\n", 4);
    host_hear_text(run.out, "one\n");
    host_send(run.in, "two", 3);
    host_finish(run.in);
    check_outcome(run.control, "{\"exited\":0}\n");
    CHECK_TEXT(host_hear_end(run.out), "one\ntwo");
    CHECK(host_heard(run.in)->finished && !host_heard(run.in)->reset);
}

TEST(exec_takes_standard_input_that_came_before_it)
{
    host_start();
    host_begin_warming();
    uint32_t in = host_open("{\"op\":\"stdio\",\"exec\":\"early\",\"fd\":0}");
    uint32_t out = host_open("{\"op\":\"stdio\",\"exec\":\"early\",\"fd\":1}");
    host_send(in, "early bird", 10);
    host_finish(in);
    host_hear_for(50);
    uint32_t control = host_open("{\"op\":\"exec\",\"exec\":\"early\",\"argv\":[\"/bin/cat\"],\"env\":[],\"cwd\":\"/\"}");
    check_outcome(control, "{\"exited\":0}\n");
    CHECK_TEXT(host_hear_end(out), "early bird");
}

TEST(exec_gives_exactly_the_environment_and_the_directory)
{
    host_start();
    host_begin_warming();
    uint32_t out = host_open("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":1}");
    host_open("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"/usr/bin/env\"],\"env\":[\"B=2 \\u00e9\",\"A=\"],\"cwd\":\"/\"}");
    CHECK_TEXT(host_hear_end(out), "B=2 \xC3\xA9\nA=\n");
    out = host_open("{\"op\":\"stdio\",\"exec\":\"e2\",\"fd\":1}");
    host_open("{\"op\":\"exec\",\"exec\":\"e2\",\"argv\":[\"/bin/pwd\"],\"env\":[],\"cwd\":\"/usr/bin\"}");
    CHECK_TEXT(host_hear_end(out), "/usr/bin\n");
}

TEST(exec_gives_three_descriptors_default_signals_and_a_session_of_its_own)
{
    host_start();
    host_begin_warming();
    struct run run = host_run_script("ls /proc/$$/fd; grep -E '^Sig(Blk|Ign)' /proc/self/status; umask;"
                                     " test $(ps -o sid= -p $$) = $$ && test $(ps -o pgid= -p $$) = $$ && echo own");
    CHECK_TEXT(host_hear_end(run.out), "0\n1\n2\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n0022\nown\n");
}

TEST(exec_gives_dev_null_for_a_descriptor_without_a_stream)
{
    host_start();
    host_begin_warming();
    uint32_t out = host_open("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":1}");
    host_open("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"/bin/sh\",\"-c\",\"cd /proc/self/fd && readlink 0 2\"],"
              "\"env\":[\"PATH=/bin\"],\"cwd\":\"/\"}");
    CHECK_TEXT(host_hear_end(out), "/dev/null\n/dev/null\n");
}

static void check_failure(const char *argv, const char *rest, const char *reason)
{
    char expected[64];
    uint32_t out = host_open("{\"op\":\"stdio\",\"exec\":\"f%u\",\"fd\":1}", host.next_id);
    uint32_t control = host_open("{\"op\":\"exec\",\"exec\":\"f%u\",\"argv\":%s,\"env\":[\"PATH=/nonexistent:/bin\"],%s}",
                                 out, argv, rest);
    snprintf(expected, sizeof expected, "{\"failed\":\"%s\",\"message\":\"", reason);
    CHECK(strncmp(host_hear_end(control), expected, strlen(expected)) == 0);
    CHECK_TEXT(host_hear_end(out), "");
}

TEST(exec_that_cannot_begin_says_why)
{
    host_start();
    host_begin_warming();
    check_failure("[\"thaw-no-such-program\"]", "\"cwd\":\"/\"", "not-found");
    check_failure("[\"/nonexistent/program\"]", "\"cwd\":\"/\"", "not-found");
    check_failure("[\"/etc/passwd\"]", "\"cwd\":\"/\"", "not-executable");
    check_failure("[\"/tmp\"]", "\"cwd\":\"/\"", "not-executable");
    check_failure("[\"true\"]", "\"cwd\":\"/nonexistent\"", "bad-cwd");
    check_failure("[\"true\"]", "\"cwd\":\"/etc/passwd\"", "bad-cwd");
    check_failure("[\"true\"]", "\"cwd\":\"/\",\"user\":\"thaw-nobody\"", "bad-user");
    /* None of them has left a process, and the next one runs. */
    check_outcome(host_run("[\"true\"]").control, "{\"exited\":0}\n");
}

TEST(exec_as_another_user_has_that_user_s_ids_and_groups)
{
    host_start();
    host_begin_warming();
    uint32_t out = host_open("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":1}");
    uint32_t control = host_open("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"id\"],\"env\":[\"PATH=/usr/bin:/bin\"],"
                                 "\"cwd\":\"/\",\"user\":\"nobody\"}");
    if (geteuid() != 0) {
        /* Whoever is not root cannot become anybody: guestd-test then knows one user only. */
        CHECK(strstr(host_hear_end(control), "bad-user") != NULL);
        return;
    }
    check_outcome(control, "{\"exited\":0}\n");
    CHECK(strstr(host_hear_end(out), "(nobody) gid=") != NULL && strstr(host_heard(out)->bytes, "root") == NULL);
}

TEST(exec_id_is_used_once)
{
    host_start();
    host_begin_warming();
    uint32_t first = host_open("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"/bin/true\"],\"env\":[],\"cwd\":\"/\"}");
    check_outcome(first, "{\"exited\":0}\n");
    const char *again = host_ask("{\"op\":\"exec\",\"exec\":\"e1\",\"argv\":[\"/bin/true\"],\"env\":[],\"cwd\":\"/\"}");
    CHECK(strncmp(again, "{\"error\":", 9) == 0);
    CHECK(strncmp(host_ask("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":1}"), "{\"error\":", 9) == 0);
}

TEST(stdio_of_one_descriptor_is_given_once)
{
    host_start();
    host_begin_warming();
    host_open("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":1}");
    CHECK(strncmp(host_ask("{\"op\":\"stdio\",\"exec\":\"e1\",\"fd\":1}"), "{\"error\":", 9) == 0);
}

TEST(reset_of_the_exec_stream_kills_the_process_group)
{
    host_start();
    host_begin_warming();
    struct run run = host_run_script("trap '' TERM; (sleep 0.5; touch $DIR/mark) & echo ready; wait; touch $DIR/mark");
    host_hear_text(run.out, "ready\n");
    host_reset(run.control);
    CHECK_TEXT(host_hear_end(run.out), "ready\n");
    usleep(700000);
    CHECK(!marked());
}

TEST(reset_of_a_stdio_stream_closes_that_pipe)
{
    host_start();
    host_begin_warming();
    struct run run = host_run("[\"yes\"]");
    host_hear_text(run.out, "y\n");
    host_reset(run.out);
    check_outcome(run.control, "{\"signaled\":13}\n");
    run = host_run("[\"cat\"]");
    host_reset(run.in);
    check_outcome(run.control, "{\"exited\":0}\n");
}

TEST(a_process_that_reads_no_more_has_its_standard_input_reset)
{
    host_start();
    host_begin_warming();
    struct run run = host_run("[\"sh\",\"-c\",\"exec <&-; echo closed; sleep 0.3\"]");
    host_hear_text(run.out, "closed\n");
    host_hear_end(run.in);
    CHECK(host_heard(run.in)->reset && !host_heard(run.control)->finished);
    check_outcome(run.control, "{\"exited\":0}\n");
}

TEST(a_background_process_that_keeps_a_pipe_is_neither_waited_for_nor_hurt)
{
    host_start();
    host_begin_warming();
    int64_t begun = now_ms();
    /* More than the pipe holds: it gets through only if guestd goes on emptying the pipe. */
    struct run run = host_run_script("(sleep 1; head -c 3000000 /dev/zero && touch $DIR/mark) & echo done");
    check_outcome(run.control, "{\"exited\":0}\n");
    CHECK(now_ms() - begun < 900);
    CHECK_TEXT(host_hear_end(run.out), "done\n");
    host_hear_for(2000);
    CHECK(marked());
    CHECK(host_heard(run.out)->length == 5);
}

TEST(a_background_process_that_writes_without_end_does_not_delay_the_outcome)
{
    host_start();
    host_begin_warming();
    struct run run = host_run_script("yes & sleep 0.2; exit 4");
    host_hear_text(run.out, "y\n");
    for (int64_t deadline = now_ms() + 5000; !host_heard(run.control)->finished; host_hear(1000))
        CHECK(now_ms() < deadline);
    CHECK(strstr(host_heard(run.control)->bytes, "{\"exited\":4}\n") != NULL);
    CHECK(host_heard(run.out)->finished);
}

TEST(what_the_pipes_hold_at_the_end_is_still_sent)
{
    host_start();
    host_begin_warming();
    host.grants = false;
    struct run run = host_run_script("head -c 700000 /dev/zero");
    host_hear_for(300);
    /* It has ended, its bytes wait in the pipe for window: the outcome must wait with them. */
    CHECK(host_heard(run.out)->length == YAMUX_INITIAL_WINDOW && !host_heard(run.control)->finished);
    host.grants = true;
    host_grant(run.out, YAMUX_INITIAL_WINDOW);
    check_outcome(run.control, "{\"exited\":0}\n");
    CHECK(host_heard(run.out)->length == 700000 && host_heard(run.out)->finished);
}
