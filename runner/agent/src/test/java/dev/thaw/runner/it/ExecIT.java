package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecIT {
    @TempDir
    Path work = Path.of("");

    private final Runner runner = Runner.shared();

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
    }

    @Test
    void aCommandRunsOnAKernelOfItsOwn() throws Exception {
        String host = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
        var inside = runner.run(work, "exec", "--", "uname", "-r").expect(0);
        assertThat(inside.out().strip()).isNotEqualTo(host).contains("cloud-amd64");
    }

    @Test
    void theExitCodeIsTheCommands() throws Exception {
        runner.run(work, "exec", "--", "true").expect(0);
        runner.run(work, "exec", "--", "sh", "-c", "exit 3").expect(3);
        runner.run(work, "exec", "--", "sh", "-c", "kill -TERM $$").expect(128 + 15);
        runner.run(work, "exec", "--", "no-such-program").expect(127);
        runner.run(work, "exec", "--", "/etc/passwd").expect(126);
    }

    @Test
    void standardOutputAndErrorStaySeparateAndNobodyElseSpeaks() throws Exception {
        var ended = runner.run(work, "exec", "--", "sh", "-c", "echo to out; echo to err >&2; printf tail")
                .expect(0);
        assertThat(ended.out()).isEqualTo("to out\ntail");
        assertThat(ended.err()).isEqualTo("to err\n");
    }

    @Test
    void outputComesWhileTheCommandRuns() throws Exception {
        Process process =
                runner.start(List.of("exec", "-i", "--", "sh", "-c", "echo before; read line; echo after $line"), work);
        try (var lines = process.inputReader()) {
            assertThat(lines.readLine()).isEqualTo("before");
            process.outputWriter().append("x\n").close();
            assertThat(lines.readLine()).isEqualTo("after x");
        }
        Runner.finish(process, "").expect(0);
    }

    @Test
    void standardInputIsTheCommandsOnlyWhenAskedFor() throws Exception {
        assertThat(runner.runOn("typed\n", work, "exec", "-i", "--", "cat")
                        .expect(0)
                        .out())
                .isEqualTo("typed\n");
        assertThat(runner.runOn("typed\n", work, "exec", "--", "cat").expect(0).out())
                .isEmpty();
    }

    @Test
    void theEnvironmentIsWhatWasSaidAndNotTheHosts() throws Exception {
        Path file = Files.writeString(work.resolve("env"), "# comment\nFROM_FILE=a b\nBOTH=file\n");
        var ended = Runner.shared()
                .with("HOST_ONLY", "leak")
                .with("PASSED", "on purpose")
                .run(work, "exec", "-e", "PASSED", "-e", "BOTH=line", "--env-file", file.toString(), "--", "env")
                .expect(0);
        assertThat(ended.out().lines())
                .contains("FROM_FILE=a b", "BOTH=line", "PASSED=on purpose", "HOME=/home/build")
                .noneMatch(line -> line.startsWith("HOST_ONLY"));
    }

    @Test
    void stepsRunAsAnOrdinaryUserWhoMayBecomeRootAndUseDocker() throws Exception {
        var ended = runner.run(work, "exec", "--", "sh", "-c", "id -un; sudo id -un; docker info -f '{{.Driver}}'; pwd")
                .expect(0);
        assertThat(ended.out()).isEqualTo("build\nroot\noverlay2\n/workspace\n");
        assertThat(runner.run(work, "exec", "--user", "root", "--", "id", "-un")
                        .expect(0)
                        .out())
                .isEqualTo("root\n");
    }

    @Test
    void aBuildThatTakesTooLongIsDestroyed() throws Exception {
        var ended = runner.run(work, "exec", "--timeout", "5s", "--", "sleep", "600")
                .expect(124);
        assertThat(ended.err()).contains("out of time after 5 s");
    }

    @Test
    void interruptingTheRunnerDestroysTheGuest() throws Exception {
        for (String signal : List.of("INT", "TERM")) {
            Process process = runner.start(List.of("exec", "--", "sh", "-c", "echo up; sleep 600"), work);
            var lines = process.inputReader();
            assertThat(lines.readLine()).isEqualTo("up");
            assertThat(Runner.traces(Runner.HOME)).hasSizeGreaterThanOrEqualTo(2);
            new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                    .start()
                    .waitFor();
            Runner.finish(process, "").expect(130);
            assertThat(Runner.traces(Runner.HOME)).isEmpty();
        }
    }

    @Test
    void ofSeveralStepsTheFirstThatFailsDecides() throws Exception {
        Files.writeString(work.resolve("thaw.yaml"), """
                env: {WHO: file}
                steps:
                  - {name: one, run: echo one $WHO}
                  - {name: two, run: "false; echo not reached"}
                  - {name: three, run: echo three}
                """);
        assertThat(runner.run(work, "exec").expect(1).out()).isEqualTo("one file\n");
        assertThat(runner.run(work, "exec", "--", "printenv", "WHO").expect(0).out())
                .isEqualTo("file\n");
    }

    @Test
    void theWorkspaceIsTheDirectoryAndNothingComesBack() throws Exception {
        Files.writeString(work.resolve("a file"), "content");
        Files.createSymbolicLink(work.resolve("link"), Path.of("/etc/hostname"));
        var ended = runner.run(
                        work,
                        "exec",
                        "--",
                        "sh",
                        "-c",
                        "cat 'a file'; readlink link; touch made; ls -ld . | cut -c1-10")
                .expect(0);
        assertThat(ended.out()).isEqualTo("content/etc/hostname\ndrwxr-xr-x\n");
        assertThat(work.resolve("made")).doesNotExist();
    }

    @Test
    void everyJobFindsAMachineThatNobodyHasUsed() throws Exception {
        runner.run(work, "exec", "--", "sh", "-c", "sudo touch /marked; docker tag busybox:latest marked")
                .expect(0);
        var second = runner.run(work, "exec", "--", "sh", "-c", "ls /marked; docker image inspect marked");
        assertThat(second.code()).isNotZero();
        assertThat(second.err()).contains("/marked").containsIgnoringCase("no such image: marked");
    }

    @Test
    void theDiskCanBeMadeLargerAndNotSmaller() throws Exception {
        String size = "df --output=size -BG / | tail -n 1";
        assertThat(runner.run(work, "exec", "--", "sh", "-c", size)
                        .expect(0)
                        .out()
                        .strip())
                .isEqualTo("8G");
        assertThat(runner.run(work, "exec", "--disk", "20GiB", "--", "sh", "-c", size)
                        .expect(0)
                        .out()
                        .strip())
                .isEqualTo("20G");
        assertThat(runner.run(work, "exec", "--disk", "2GiB", "--", "true")
                        .expect(125)
                        .err())
                .contains("8GiB and can only be made larger");
    }

    @Test
    void timingsAndResultAreWrittenForPrograms() throws Exception {
        Path timings = work.resolve("timings.json");
        var ended = runner.run(work, "exec", "--json", "--timings", timings.toString(), "--", "true")
                .expect(0);
        JsonNode result = new JsonMapper().readTree(ended.err());
        assertThat(result.path("outcome").asText()).isEqualTo("finished");
        assertThat(result.path("exit_code").asInt(-1)).isZero();
        JsonNode written = new JsonMapper().readTree(Files.readString(timings));
        assertThat(written).isEqualTo(result.path("timings"));
        double before = 0;
        for (String phase : List.of(
                "overlay",
                "vmm_up",
                "restored",
                "resumed",
                "identity",
                "workspace",
                "first_exec",
                "exited",
                "discarded")) {
            assertThat(written.path(phase).asDouble(-1)).describedAs(phase).isGreaterThanOrEqualTo(before);
            before = written.path(phase).asDouble();
        }
        assertThat(written.path("template_key").asText()).hasSize(64);
        assertThat(written.path("accelerator").asText()).isIn("tcg", "kvm");
    }

    @Test
    void megabytesOfOutputArriveWholeAndInOrder() throws Exception {
        var ended = runner.run(work, "exec", "--", "seq", "1", "300000").expect(0);
        var wanted = new StringBuilder();
        for (int i = 1; i <= 300_000; i++) {
            wanted.append(i).append('\n');
        }
        assertThat(ended.out().equals(wanted.toString()))
                .describedAs("300,000 lines, as written")
                .isTrue();
    }

    @Test
    void theClockIsTheHosts() throws Exception {
        long before = System.currentTimeMillis();
        long inside = Long.parseLong(
                runner.run(work, "exec", "--", "date", "+%s%3N").expect(0).out().strip());
        assertThat(inside).isBetween(before - 200, System.currentTimeMillis() + 200);
    }

    @Test
    void aGuestHasNoNetworkDevice() throws Exception {
        var ended = runner.run(
                        work,
                        "exec",
                        "--user",
                        "root",
                        "--",
                        "sh",
                        "-c",
                        "ls /sys/class/net; ls /sys/bus/pci/devices 2>/dev/null | wc -l")
                .expect(0);
        assertThat(ended.out().lines().toList()).contains("lo", "docker0").doesNotContain("eth0", "ens3", "enp0s1");
        var outside = runner.run(work, "exec", "--", "curl", "-sS", "--max-time", "5", "http://192.0.2.1/");
        assertThat(outside.code()).isEqualTo(7);
        // The control: the same program reaches what is in its own machine.
        runner.run(work, "exec", "--", "sh", "-c", "curl -sS --unix-socket /run/docker.sock http://docker/_ping")
                .expect(0);
    }

    @Test
    void runsAtOnceDoNotDisturbEachOther() throws Exception {
        var processes = new java.util.ArrayList<Process>();
        for (int i = 0; i < 4; i++) {
            processes.add(runner.start(List.of("exec", "--", "sh", "-c", "echo " + i + "; sleep 1; hostname"), work));
        }
        var hosts = new java.util.HashSet<String>();
        for (int i = 0; i < 4; i++) {
            var lines =
                    Runner.finish(processes.get(i), "").expect(0).out().lines().toList();
            assertThat(lines.get(0)).isEqualTo(String.valueOf(i));
            hosts.add(lines.get(1));
        }
        assertThat(hosts).hasSize(4);
    }
}
