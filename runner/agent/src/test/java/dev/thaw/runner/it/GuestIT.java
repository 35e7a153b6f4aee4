package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.execution.Guest;
import dev.thaw.runner.execution.RestoredGuests;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.GuestStream;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.template.Digests;
import dev.thaw.runner.template.Template;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the template promises to whoever has a guest of it. */
class GuestIT {
    /** Prints whether the file's first page is in memory, as mincore(2) has it. */
    private static final String CACHED = """
            python3 -c '
            import ctypes, mmap, os
            pages = mmap.mmap(os.open("FILE", os.O_RDONLY), 0, access=mmap.ACCESS_COPY)
            first = ctypes.addressof(ctypes.c_char.from_buffer(pages))
            there = (ctypes.c_ubyte * 1)()
            assert ctypes.CDLL(None).mincore(ctypes.c_void_p(first), ctypes.c_size_t(1), there) == 0
            print(there[0] & 1)'
            """;

    @TempDir
    Path work = Path.of("");

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
    }

    private static Guest claim(Template template) throws Exception {
        return new RestoredGuests(Host.restorer())
                .claim(JobId.random(), template, template.diskBytes(), IdentityIT.limit(), Stopwatch.start());
    }

    @Test
    void theDockerSocketAnswersThroughTheGuestsPort() throws Exception {
        try (Guest guest = claim(Host.template())) {
            String answer;
            try (GuestStream docker = guest.session().dialUnix("/run/docker.sock", IdentityIT.limit())) {
                docker.output()
                        .write("GET /version HTTP/1.0\r\nHost: docker\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                answer = new String(docker.input().readAllBytes(), StandardCharsets.UTF_8);
            }
            String version = IdentityIT.output(guest.session(), "docker version --format '{{.Server.Version}}'");
            assertThat(answer).startsWith("HTTP/1.0 200 OK").contains("\"Version\":\"" + version.strip() + "\"");
            // The control: not every path is a socket that answers.
            assertThatThrownBy(() -> guest.session().dialUnix("/run/nobody.sock", IdentityIT.limit()))
                    .isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void aGuestWhoseHostHangsUpSwitchesItselfOff() throws Exception {
        Template template = Host.template();
        try (Guest left = claim(template);
                Guest kept = claim(template)) {
            assertThat(left.vm().alive()).isTrue();
            left.session().close();
            Runner.await(
                    "the guest has switched itself off",
                    Duration.ofSeconds(60),
                    () -> !left.vm().alive());
            // The control: a guest whose session is open stays, and serves.
            assertThat(kept.vm().alive()).isTrue();
            assertThat(IdentityIT.output(kept.session(), "echo here")).isEqualTo("here\n");
        }
    }

    @Test
    void aRestoreThatCannotConfirmWhatItIsIsDiscardedAndTriedOnceMoreAndNeverUsed() throws Exception {
        Template template = Host.template();
        List<String> said = new CopyOnWriteArrayList<>();
        Logger logger = Logger.getLogger(RestoredGuests.class.getName());
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord message) {
                said.add(message.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        try {
            assertThatThrownBy(() -> claim(expecting(template, Digests.sha256("another number"))))
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.RESTORE))
                    .hasMessage("the guest was not restored from the template's snapshot");
            assertThat(said).hasSize(1).allMatch(text -> text.startsWith("restoring once more"));
            assertThat(Runner.traces(Runner.HOME)).isEmpty();
            // The control: the same template, expecting its own number.
            claim(expecting(template, template.nonceSha256())).close();
            assertThat(said).hasSize(1);
        } finally {
            logger.removeHandler(handler);
        }
    }

    private static Template expecting(Template template, String nonceSha256) {
        return new Template(
                template.directory(),
                template.key(),
                template.name(),
                template.size(),
                template.created(),
                template.inputs(),
                template.machine(),
                nonceSha256,
                template.diskBytes(),
                template.coldBootMillis(),
                template.files());
    }

    @Test
    void whatOnlyTheWarmUpReadIsNotInThePageCache() throws Exception {
        try (Guest guest = claim(Host.template())) {
            // Read when Docker was started, which only the warm-up does.
            String file = "/usr/lib/thaw/start-docker";
            assertThat(IdentityIT.output(guest.session(), CACHED.replace("FILE", file)))
                    .isEqualTo("0\n");
            // The control: a file that is read is seen to be there.
            String read = "cat " + file + " > /dev/null; " + CACHED.replace("FILE", file);
            assertThat(IdentityIT.output(guest.session(), read)).isEqualTo("1\n");
        }
    }

    @Test
    void everyToolThatTheRecipePromisesWorks() throws Exception {
        String script = """
                cd "$(mktemp -d)"
                docker version --format '{{.Server.Version}}' > /dev/null && echo dockerd
                docker buildx version > /dev/null && echo buildx
                docker compose version --short | grep -q '^v\\?2' && echo compose
                printf 'services: {one: {image: "busybox:latest", network_mode: none, command: echo from compose}}' > compose.yaml
                docker compose up 2>&1 | grep -o 'from compose'
                printf '#include <stdio.h>\\nint main(void) { puts("from C"); }\\n' > c.c
                printf '#include <iostream>\\nint main() { std::cout << "from C++" << std::endl; }\\n' > cc.cc
                printf 'all: c cc\\n\\t./c\\n\\t./cc\\n' > Makefile
                make | grep -v '^cc\\|^g++\\|^\\./'
                mkdir k
                printf 'cmake_minimum_required(VERSION 3.10)\\nproject(k NONE)\\nadd_custom_target(t ALL echo from cmake)\\n' > k/CMakeLists.txt
                cmake -S k -B b > /dev/null
                make -C b | grep -o '^from cmake'
                python3 -c 'import json, ssl; print("from", json.loads("[\\"python\\"]")[0])'
                curl -sS --unix-socket /run/docker.sock http://docker/_ping; echo
                echo '{"a": ["jq"]}' | jq -r '.a[0]'
                echo zipped > z; zip -q z.zip z; rm z; unzip -q z.zip; cat z
                echo xz | xz | xz -d; echo bzip2 | bzip2 | bunzip2
                ssh -V 2>&1 | grep -o '^OpenSSH'; ssh-keygen -q -t ed25519 -N '' -f key && ls key.pub
                printf -- '--- z\\n+++ z\\n@@ -1 +1 @@\\n-zipped\\n+patched\\n' | patch -s; cat z
                file -b c | grep -o '^ELF'
                test "$(grep -c BEGIN /etc/ssl/certs/ca-certificates.crt)" -gt 100 && echo certificates
                """;
        var ended = Runner.shared()
                .run(work, "exec", "--", "sh", "-e", "-c", script)
                .expect(0);
        assertThat(ended.out().lines())
                .containsExactly(
                        "dockerd",
                        "buildx",
                        "compose",
                        "from compose",
                        "from C",
                        "from C++",
                        "from cmake",
                        "from python",
                        "OK",
                        "jq",
                        "zipped",
                        "xz",
                        "bzip2",
                        "OpenSSH",
                        "key.pub",
                        "patched",
                        "ELF",
                        "certificates");
    }

    @Test
    void gitTrustsTheWorkspaceWhoeverAsks() throws Exception {
        String script = """
                git init -q . && git config user.name n && git config user.email e@example.org
                echo text > file && git add file && git commit -q -m first
                git log --format=%s
                sudo env -u SUDO_UID git log --format=%s
                sudo env -u SUDO_UID GIT_CONFIG_NOSYSTEM=1 git log 2>&1 | grep -o 'dubious ownership'
                """;
        var ended = Runner.shared()
                .run(work, "exec", "--", "sh", "-e", "-c", script)
                .expect(0);
        // The last line is the control: without the guest's own setting git refuses root in another user's tree.
        assertThat(ended.out()).isEqualTo("first\nfirst\ndubious ownership\n");
    }
}
