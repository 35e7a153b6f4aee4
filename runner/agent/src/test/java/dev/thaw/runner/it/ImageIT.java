package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.thaw.runner.container.ContainerCommand;
import dev.thaw.runner.container.ContainerPlan;
import dev.thaw.runner.container.JobContainer;
import dev.thaw.runner.execution.Guest;
import dev.thaw.runner.execution.RestoredGuests;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Stdio;
import dev.thaw.runner.job.ContainerSpec;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.ImageEntrypoint;
import dev.thaw.runner.job.ImageReference;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.PullPolicy;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.template.Template;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageIT {
    /** What Testcontainers does, with nothing but what debian:trixie-slim has. */
    private static final String STARTS_A_CONTAINER = """
            use strict; use IO::Socket::UNIX; use IO::Socket::INET;
            sub docker {
                my ($method, $path, $body) = @_;
                my $s = IO::Socket::UNIX->new(Peer => '/var/run/docker.sock') or die "the socket: $!\\n";
                print $s "$method /v1.44$path HTTP/1.0\\r\\nContent-Type: application/json\\r\\n"
                    . "Content-Length: " . length($body) . "\\r\\n\\r\\n$body";
                local $/; my $answer = <$s>;
                $answer =~ m{^HTTP/1.. 2} or die "$method $path: $answer\\n";
                return $answer;
            }
            docker('POST', '/containers/create?name=service', '{"Image":"busybox:latest",'
                . '"Cmd":["sh","-c","echo from the service > /index.html; httpd -f -p 8080 -h /"],'
                . '"ExposedPorts":{"8080/tcp":{}},"HostConfig":{"Init":true,'
                . '"PortBindings":{"8080/tcp":[{"HostIp":"127.0.0.1","HostPort":"0"}]}}}');
            docker('POST', '/containers/service/start', '');
            my ($port) = docker('GET', '/containers/service/json', '') =~ /"HostPort":"([1-9][0-9]*)"/
                or die "no port was published\\n";
            my $answer = '';
            until ($answer =~ /from the service/) {
                my $s = IO::Socket::INET->new(PeerAddr => "localhost:$port") or next;
                print $s "GET / HTTP/1.0\\r\\n\\r\\n";
                local $/; $answer = <$s> // '';
            }
            print "it says: from the service\\n";
            docker('DELETE', '/containers/service?force=1', '');
            """;

    @TempDir
    Path work = Path.of("");

    private final Runner runner = Runner.shared();

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
    }

    @Test
    void stepsShareOneContainerOfTheImageAndTheWorkspace() throws Exception {
        Files.writeString(work.resolve("thaw.yaml"), """
                image: busybox
                env: {ODD: "a \\"b\\" $c 'd' é\\nsecond line"}
                steps:
                  - {name: where, run: "pwd; id -u; ls; test -e /etc/debian_version || echo no Debian"}
                  - {name: leave, run: "echo in the container > /left; echo in the workspace > made; echo aside >&2"}
                  - {name: find, run: "cat /left made; printf '%s\\n' \\"$ODD\\"; echo $THAW_JOB_ID | wc -c"}
                  - {name: fail, run: "exit 3"}
                  - {name: never, run: echo not reached}
                """);
        var ended = runner.run(work, "exec").expect(3);
        assertThat(ended.out()).isEqualTo("""
                        /workspace
                        0
                        thaw.yaml
                        no Debian
                        in the container
                        in the workspace
                        a "b" $c 'd' é
                        second line
                        14
                        """);
        assertThat(ended.err()).isEqualTo("aside\n");
        // The control: the same steps without the image are on Debian, as somebody else.
        assertThat(runner.run(work, "exec", "--image", "debian:trixie-slim", "--", "sh", "-c", "cat /etc/os-release")
                        .expect(0)
                        .out())
                .contains("VERSION_CODENAME=trixie");
    }

    @Test
    void whatCannotBeStartedIsToldFromWhatEndsWithTheSameCode() throws Exception {
        var missing =
                runner.run(work, "exec", "--image", "busybox", "--", "no-such").expect(127);
        assertThat(missing.out()).isEmpty();
        assertThat(missing.err())
                .contains("executable file `no-such` not found")
                .hasLineCount(1);
        var file = runner.run(work, "exec", "--image", "busybox", "--", "/etc/passwd")
                .expect(126);
        assertThat(file.err()).contains("not executable").hasLineCount(1);
        var own = runner.run(work, "exec", "--image", "busybox", "--", "sh", "-c", "exit 127")
                .expect(127);
        assertThat(own.err()).isEmpty();
    }

    @Test
    void aStepsOwn125IsTheBuildsAndDockersRefusalIsTheRunners() throws Exception {
        var own = runner.run(work, "exec", "--json", "--image", "busybox", "--", "sh", "-c", "exit 125")
                .expect(125);
        var result = new JsonMapper().readTree(own.err());
        assertThat(result.path("outcome").asText()).isEqualTo("finished");
        assertThat(result.path("exit_code").asInt()).isEqualTo(125);

        Files.writeString(work.resolve("thaw.yaml"), "image: {name: busybox, user: nobody-here}\n");
        var refused = runner.run(work, "exec", "--", "true").expect(125);
        assertThat(refused.err())
                .startsWith("runner: container: the container of image busybox does not start;")
                .contains("nobody-here")
                .hasLineCount(1);
    }

    @Test
    void anImageThatCannotBeHadIsOneClearLine() throws Exception {
        var pulled = runner.run(work, "exec", "--image", "no-such-image:1", "--", "true")
                .expect(125);
        assertThat(pulled.err())
                .startsWith("runner: container: image no-such-image:1 is not in the guest and cannot be pulled: ")
                .hasLineCount(1);
        var never = runner.run(work, "exec", "--image", "no-such-image:1", "--pull", "never", "--", "true")
                .expect(125);
        assertThat(never.err())
                .startsWith("runner: container: image no-such-image:1 is not in the guest and is never to be pulled; ")
                .hasLineCount(1);
        var always = runner.run(work, "exec", "--image", "busybox", "--pull", "always", "--", "true")
                .expect(125);
        assertThat(always.err())
                .startsWith("runner: container: image busybox cannot be pulled: ")
                .hasLineCount(1);
        // The control: the very image, when nobody insists on pulling it.
        runner.run(work, "exec", "--image", "busybox", "--pull", "never", "--", "true")
                .expect(0);
    }

    @Test
    void aStepThatIsNotRootStartsAContainerAndTalksToIt() throws Exception {
        Files.writeString(work.resolve("start.pl"), STARTS_A_CONTAINER);
        var ended = runner.run(
                        work,
                        "exec",
                        "--image",
                        "debian:trixie-slim",
                        "--user",
                        "build",
                        "--",
                        "sh",
                        "-ec",
                        "perl start.pl; touch made; stat -c %u start.pl made; id -u")
                .expect(0);
        assertThat(ended.out()).isEqualTo("it says: from the service\n1000\n1000\n1000\n");
        // The control: whoever is not in the socket's group has no Docker, in the same container.
        Files.writeString(work.resolve("thaw.yaml"), "image: debian:trixie-slim\n");
        var outside = runner.run(
                work, "exec", "--", "setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "perl", "start.pl");
        assertThat(outside.code()).isNotZero();
        assertThat(outside.err()).isEqualTo("the socket: Permission denied\n");
    }

    @Test
    void aStepInTheGuestStartsAContainerAndTalksToIt() throws Exception {
        Files.writeString(work.resolve("thaw.yaml"), """
                steps:
                  - name: start
                    run: >-
                      docker run --detach --init --name service --publish 127.0.0.1::8080 busybox
                      sh -c 'echo from the service > /index.html; httpd -f -p 8080 -h /' > /dev/null
                  - name: talk
                    run: >-
                      curl --fail --silent --show-error --retry 30 --retry-connrefused --retry-all-errors --retry-delay 1
                      "http://$(docker port service 8080)/"
                """);
        assertThat(runner.run(work, "exec").expect(0).out()).isEqualTo("from the service\n");
    }

    @Test
    void standardInputIsTheSteps() throws Exception {
        String text = "typed\n".repeat(100_000);
        var ended = runner.runOn(text, work, "exec", "-i", "--image", "busybox", "--", "cat")
                .expect(0);
        assertThat(ended.out().equals(text)).describedAs("the same text").isTrue();
        assertThat(runner.runOn(text, work, "exec", "-i", "--image", "busybox", "--", "true")
                        .expect(0)
                        .out())
                .isEmpty();
    }

    @Test
    void aContainerThatTakesTooLongIsDestroyed() throws Exception {
        var ended = runner.run(work, "exec", "--timeout", "30s", "--image", "busybox", "--", "sleep", "600")
                .expect(124);
        assertThat(ended.err()).contains("out of time after 30 s");
    }

    @Test
    void anEntrypointIsLeftOutOrRunOnce() throws Exception {
        Template template = Host.template();
        try (Guest guest = new RestoredGuests(Host.restorer())
                .claim(JobId.random(), template, template.diskBytes(), limit(), Stopwatch.start())) {
            IdentityIT.output(guest.session(), """
                    cd $(mktemp -d) && export HOME=/root
                    printf '#!/bin/sh\\necho prepared; echo "$GREETING" > /prepared; exec "$@"\\n' > prepare
                    chmod +x prepare; docker create --name made busybox && docker cp prepare made:/prepare
                    docker commit --change 'ENTRYPOINT ["/prepare"]' made prepares
                    docker commit --change 'ENTRYPOINT ["false"]' made broken
                    """);
            assertThat(ran(guest, "prepares", ImageEntrypoint.NONE, "cat /prepared"))
                    .isEqualTo("1: cat: can't open '/prepared': No such file or directory\n");
            assertThat(ran(guest, "prepares", ImageEntrypoint.IMAGE, "cat /prepared"))
                    .isEqualTo("0: prepared\nhello\n");
            assertThat(ran(guest, "broken", ImageEntrypoint.NONE, "echo fine")).isEqualTo("0: fine\n");
            var thrown = catchThrowableOfType(
                    RunnerException.class, () -> ran(guest, "broken", ImageEntrypoint.IMAGE, "echo fine"));
            assertThat(thrown.fault()).isEqualTo(Fault.CONTAINER);
            assertThat(thrown)
                    .hasMessage("the entrypoint of image broken ended without running its arguments;"
                            + " leave it out with: entrypoint: none");
        }
    }

    private static String ran(Guest guest, String image, ImageEntrypoint entrypoint, String script) throws Exception {
        var output = new ByteArrayOutputStream();
        var stdio = new Stdio(null, OutputSink.to(output), OutputSink.to(output));
        var spec = new ContainerSpec(ImageReference.parse(image), PullPolicy.NEVER, entrypoint, null);
        var plan = new ContainerPlan(spec, null, 0, Map.of("GREETING", "hello"));
        JobContainer container = JobContainer.start(guest.session(), plan, stdio, limit());
        var command = new ContainerCommand("test", List.of("sh", "-c", script), null);
        int code = container.run(command, stdio, () -> {}, limit());
        return code + ": " + output.toString(StandardCharsets.UTF_8);
    }

    private static Deadline limit() {
        return Deadline.in(Duration.ofMinutes(5));
    }
}
