package dev.thaw.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("cli")
class AgentCommandTest {
    private final Path directory;
    private final CommandLineProcess runner;

    AgentCommandTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        runner = new CommandLineProcess(directory);
    }

    @Test
    void allMistakesOfAConfigurationAreSaidAtOnce() throws Exception {
        Path file = Files.writeString(directory.resolve("agent.yaml"), """
                listen: everywhere
                bugdet: {cpus: 2}
                queue: {length: 0, start_within: soon}
                limits: {log: 5}
                require_kvm: maybe
                standby: {guests: [{count: 0}, {template: docker, memory: 1MiB}, {template: docker, gests: 2}]}
                """);

        runner.run("agent", "--check", "--config", file.toString()).isFault("""
                        usage: agent.yaml has 10 mistakes
                          line 1: listen must be an address and a port, such as 127.0.0.1:8750 or [::1]:8750, got: everywhere
                          line 2: unknown key 'bugdet'; did you mean 'budget'?
                          line 3: length must be a whole number from 1 to 100000, got: 0
                          line 3: 'start_within': a length of time looks like 90s, 20m or 1h30m, got: soon
                          line 4: 'log': a size is a whole number and a unit, like 512MiB or 2GiB (B, KiB, MiB, GiB, TiB, or k, m, g, t), got: 5
                          line 5: 'require_kvm': must be true or false, got: maybe
                          line 6: key 'template' is missing
                          line 6: count must be a whole number from 1 to 1000, got: 0
                          line 6: memory must be 256MiB to 1TiB, got: 1MiB
                          line 6: unknown key 'gests'; known keys: template, cpus, memory, count""");
    }

    @Test
    void aConfigurationWithoutMistakesIsInOrder() throws Exception {
        Path file = Files.writeString(directory.resolve("agent.yaml"), """
                listen: "[::1]:0"
                accelerator: tcg
                budget: {cpus: 2, memory: 4GiB, disk: 20GiB}
                queue: {length: 10, start_within: 10m}
                limits: {workspace: 1GiB, log: 10MiB}
                retention: {age: 48h, size: 1GiB}
                standby:
                  guests: [{template: docker, count: 2}, {template: docker, cpus: 4, memory: 4GiB}]
                  spare_memory: 2GiB
                drain: 30s
                """);

        assertThat(runner.run("agent", "--check", "--config", file.toString()))
                .isEqualTo(new CommandLineProcess.Ended(0, "", ""));
        assertThat(runner.run("agent", "--check")).isEqualTo(new CommandLineProcess.Ended(0, "", ""));
    }

    @Test
    void whoCanBeReachedFromElsewhereNeedsTlsAndKvm() throws Exception {
        Path file = Files.writeString(directory.resolve("agent.yaml"), "listen: 0.0.0.0:1\naccelerator: tcg\n");

        runner.run("agent", "--check", "--config", file.toString()).isFault("""
                        usage: agent.yaml has 2 mistakes
                          line 1: 'listen' is an address that others can reach, which needs 'tls'; set it, or listen on 127.0.0.1
                          line 2: 'accelerator' is tcg, which 'require_kvm' rules out; it is true unless the agent listens on this host alone""");
    }

    @Test
    void aTokenIsMadeListedAndRevoked() throws Exception {
        var made = runner.run("agent", "token", "create", "ci", "--scope", "submit,read", "--expires", "720h");
        assertThat(made.code()).isZero();
        assertThat(made.out()).matches("thaw_t[0-9a-f]{10}_[A-Za-z0-9_-]{43}\n");
        String id = made.out().substring(5, 16);

        assertThat(runner.run("agent", "token", "list").out()).startsWith(id + "  ci  submit,read  until 20");
        assertThat(runner.run("agent", "token", "revoke", id)).isEqualTo(new CommandLineProcess.Ended(0, "", ""));
        assertThat(runner.run("agent", "token", "list").out()).startsWith(id + "  ci  submit,read  revoked 20");
    }

    @Test
    void aTokenThatMakesNoSenseIsRefused() throws Exception {
        runner.run("agent", "token", "create", "ci", "--scope", "root")
                .isFault("usage: a scope is submit, read, cancel or admin, got: root");
        runner.run("agent", "token", "create", "ci", "--scope", "read", "--expires", "never")
                .isFault("usage: a length of time looks like 90s, 20m or 1h30m, got: never");
        runner.run("agent", "token", "revoke", "t0")
                .isFault("usage: there is no token t0; list them with: runner agent token list");
    }

    @Test
    void recordsThatAreDamagedKeepAnAgentFromStarting() throws Exception {
        runner.run("agent", "token", "list");
        Path records = directory.resolve("home").resolve("agent").resolve("records.db");
        assertThat(records).exists();
        Files.deleteIfExists(records.resolveSibling("records.db-wal"));
        Files.writeString(records, "nothing of a database".repeat(1000));

        var ended = runner.run("agent", "token", "list");

        assertThat(ended.code()).isEqualTo(125);
        assertThat(ended.err())
                .startsWith("runner: records: the records in " + records + " are damaged (")
                .endsWith("; put a copy in its place, or move the file away to begin anew\n")
                .hasLineCount(1);
    }
}
