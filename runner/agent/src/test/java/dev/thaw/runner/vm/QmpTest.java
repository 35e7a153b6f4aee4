package dev.thaw.runner.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QmpTest {
    private static final String GREETING = "{\"QMP\": {\"version\": {}, \"capabilities\": []}}";
    private static final String DONE = "{\"return\": {}}";
    private static final Deadline LONG = Deadline.in(Duration.ofSeconds(30));

    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private final ServerSocketChannel server;
    private final Path path;

    QmpTest(@TempDir Path directory) throws IOException {
        path = directory.resolve("qmp");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
    }

    @BeforeEach
    @AfterEach
    void forget() {
        heard.clear();
    }

    /** Greets, then gives each command its lines; hangs up when it has no more, unless told to stay. */
    private Qmp qemu(boolean stays, String... answers) throws Exception {
        Thread thread = new Thread(() -> serve(stays, answers), "fake-qemu");
        thread.setDaemon(true);
        thread.start();
        return Qmp.open(SocketChannel.open(UnixDomainSocketAddress.of(path)), LONG);
    }

    private void serve(boolean stays, String... answers) {
        try (SocketChannel channel = server.accept();
                var lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            say(channel, GREETING);
            heard.add(lines.readLine());
            say(channel, DONE);
            for (String answer : answers) {
                heard.add(lines.readLine());
                say(channel, answer);
            }
            while (stays && lines.readLine() != null) {
                Thread.onSpinWait();
            }
        } catch (IOException e) {
            heard.add("closed: " + e);
        }
    }

    private static void say(SocketChannel channel, String lines) throws IOException {
        channel.write(ByteBuffer.wrap((lines + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aCommandGetsItsOwnAnswerWhateverHappensBetween() throws Exception {
        try (Qmp qmp = qemu(true, "{\"event\": \"STOP\"}\n{\"return\": {\"status\": \"paused\"}}")) {
            assertThat(qmp.run("query-status", Map.of(), LONG).path("status").asText())
                    .isEqualTo("paused");
        }
        assertThat(heard).startsWith("{\"execute\":\"qmp_capabilities\"}", "{\"execute\":\"query-status\"}");
    }

    @Test
    void argumentsGoAlong() throws Exception {
        try (Qmp qmp = qemu(true, DONE)) {
            qmp.run("block_resize", Map.of("size", 7), LONG);
        }
        assertThat(heard.get(1)).isEqualTo("{\"execute\":\"block_resize\",\"arguments\":{\"size\":7}}");
    }

    @Test
    void whatQemuRefusesIsSaidInItsWords() throws Exception {
        try (Qmp qmp = qemu(true, "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no such thing\"}}")) {
            assertThatThrownBy(() -> qmp.run("cont", Map.of(), LONG))
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.RESTORE))
                    .hasMessage("QEMU refuses cont: no such thing");
        }
    }

    @Test
    void aQemuThatGoesAwayOrTalksNonsenseIsAFaultAtOnceAndEveryTime() throws Exception {
        for (String last : List.of("no JSON at all", "")) {
            String[] answers = last.isEmpty() ? new String[0] : new String[] {last};
            try (Qmp qmp = qemu(false, answers)) {
                for (int i = 0; i < 2; i++) {
                    assertThatThrownBy(() -> qmp.run("cont", Map.of(), LONG))
                            .isInstanceOf(RunnerException.class)
                            .message()
                            .startsWith("QEMU went away before");
                }
                assertThatThrownBy(() -> qmp.awaitMigration(LONG)).isInstanceOf(RunnerException.class);
            }
        }
    }

    @Test
    void aQemuThatSaysNothingIsWaitedForUntilTheDeadlineAndNoLonger() throws Exception {
        try (Qmp qmp = qemu(true)) {
            assertThatThrownBy(() -> qmp.run("cont", Map.of(), Deadline.in(Duration.ofMillis(50))))
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.DEADLINE))
                    .hasMessage("QEMU did not give an answer to cont in time");
        }
    }

    @Test
    void theEndOfAMigrationIsAnEvent() throws Exception {
        String events = migration("setup") + "\n" + migration("active") + "\n" + migration("completed");
        try (Qmp qmp = qemu(true, DONE + "\n" + events, DONE + "\n" + migration("failed"))) {
            qmp.run("migrate", Map.of(), LONG);
            qmp.awaitMigration(LONG);
            qmp.run("migrate", Map.of(), LONG);
            assertThatThrownBy(() -> qmp.awaitMigration(LONG)).hasMessage("QEMU says that the migration has failed");
        }
    }

    private static String migration(String status) {
        return "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"" + status + "\"}}";
    }

    @Test
    void aFullDiskIsHeardOfAndAnotherErrorIsNotTakenForOne() throws Exception {
        String event = "{\"event\": \"BLOCK_IO_ERROR\", \"data\": {\"nospace\": %s, \"reason\": \"it is worn\"}}\n";
        try (Qmp qmp = qemu(true, event.formatted(true) + DONE)) {
            assertThat(qmp.diskError()).isNotDone();
            qmp.run("query-status", Map.of(), LONG);
            assertThat(qmp.diskError().get(30, TimeUnit.SECONDS)).isEqualTo(Qmp.NO_SPACE);
        }
        try (Qmp qmp = qemu(true, event.formatted(false) + DONE)) {
            qmp.run("query-status", Map.of(), LONG);
            assertThat(qmp.diskError().get(30, TimeUnit.SECONDS)).isEqualTo("it is worn");
        }
    }
}
