package dev.thaw.runner.container;

import static dev.thaw.runner.container.FakeDocker.ID;
import static dev.thaw.runner.container.FakeDocker.frame;
import static dev.thaw.runner.container.FakeDocker.joined;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.guest.OutputSink;
import dev.thaw.runner.guest.Stdio;
import dev.thaw.runner.guest.Terminal;
import dev.thaw.runner.guest.TerminalSize;
import dev.thaw.runner.job.ContainerSpec;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.ImageEntrypoint;
import dev.thaw.runner.job.ImageReference;
import dev.thaw.runner.job.PullPolicy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JobContainerTest {
    private static final String SAYS_OCI = "OCI runtime exec failed: ";

    private final FakeDocker docker = new FakeDocker();
    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private final List<String> events = new ArrayList<>();
    private @Nullable Terminal terminal;

    @Test
    void aContainerIsMadeStartedAndGivenItsSteps() throws Exception {
        docker.hasAContainer();
        steps(3, 77, frame(1, "out"), frame(2, "err"));
        assertThat(run(PullPolicy.MISSING)).isEqualTo(3);
        assertThat(docker.requests())
                .containsExactly(
                        "GET /v1.44/images/team/a%3A1/json HTTP/1.0",
                        "POST /v1.44/containers/create HTTP/1.0",
                        "POST /v1.44/containers/" + ID + "/start HTTP/1.0",
                        "POST /v1.44/containers/" + ID + "/exec HTTP/1.0",
                        "POST /v1.44/exec/" + ID + "/start HTTP/1.0",
                        "GET /v1.44/exec/" + ID + "/json HTTP/1.0");
        assertThat(docker.heard(3))
                .endsWith("\r\n\r\n{\"AttachStdin\":false,\"AttachStdout\":true,\"AttachStderr\":true,"
                        + "\"Cmd\":[\"make\",\"all the things\"]}");
        assertThat(stdout).hasToString("out");
        assertThat(stderr).hasToString("err");
        assertThat(events).containsExactly("started");
        assertThat(docker.allClosed()).isTrue();
    }

    @Test
    void aMissingImageIsPulledByNameAndTag() throws Exception {
        docker.answers(404, "{\"message\":\"No such image\"}")
                .answers(200, "{\"status\":\"Pulling\"}\r\n{\"status\":\"Done\"}\r\n")
                .answers(201, "{\"Id\":\"" + ID + "\"}")
                .answers(204, "");
        steps(0, 77);
        assertThat(run(PullPolicy.MISSING)).isZero();
        assertThat(docker.requests().get(1)).isEqualTo("POST /v1.44/images/create?fromImage=team%2Fa&tag=1 HTTP/1.0");
    }

    @Test
    void aPullThatFailsMidwayIsAFault() {
        docker.answers(
                200, "{\"status\":\"Pulling\"}\n{\"errorDetail\":{},\"error\":\"manifest\\u001b[2J unknown\"}\n");
        assertThat(fault(Fault.CONTAINER, PullPolicy.ALWAYS))
                .isEqualTo("image team/a:1 cannot be pulled: manifest [2J unknown;"
                        + " guests are offline: name an image that the template has, or have its recipe load it");
    }

    @Test
    void aPullThatIsRefusedIsAFault() {
        docker.answers(404, "{}").answers(500, "{\"message\":\"no route\"}");
        assertThat(fault(Fault.CONTAINER, PullPolicy.MISSING))
                .isEqualTo("image team/a:1 is not in the guest and cannot be pulled: no route;"
                        + " guests are offline: name an image that the template has, or have its recipe load it");
    }

    @Test
    void neverIsNever() {
        docker.answers(404, "{}");
        assertThat(fault(Fault.CONTAINER, PullPolicy.NEVER))
                .isEqualTo("image team/a:1 is not in the guest and is never to be pulled;"
                        + " guests are offline: name an image that the template has, or have its recipe load it");
        assertThat(docker.requests()).hasSize(1);
    }

    @Test
    void aStepAtATerminalHasOneOutputOfBytesAsTheyAre() throws Exception {
        terminal = new Terminal("vt220", new TerminalSize(30, 90));
        docker.hasAContainer();
        steps(4, 77, "OCI? Not at all.\r\n".getBytes(StandardCharsets.UTF_8), frame(2, "no frame"));
        assertThat(run(PullPolicy.MISSING)).isEqualTo(4);
        assertThat(docker.heard(3))
                .endsWith("\r\n\r\n{\"AttachStdin\":false,\"AttachStdout\":true,\"AttachStderr\":true,\"Tty\":true,"
                        + "\"Env\":[\"TERM=vt220\"],\"ConsoleSize\":[30,90],\"Cmd\":[\"make\",\"all the things\"]}");
        assertThat(docker.heard(4)).endsWith("{\"Detach\":false,\"Tty\":true}");
        assertThat(stdout.toString(StandardCharsets.UTF_8))
                .startsWith("OCI? Not at all.\r\n")
                .endsWith("no frame");
        assertThat(stderr.size()).isZero();
    }

    @Test
    void aTerminalOfUnknownSizeIsDockersToChoose() throws Exception {
        terminal = new Terminal("dumb", new TerminalSize(0, 0));
        docker.hasAContainer();
        steps(0, 77);
        assertThat(run(PullPolicy.MISSING)).isZero();
        assertThat(docker.heard(3)).contains("TERM=dumb").doesNotContain("ConsoleSize");
    }

    @Test
    void aCommandThatDoesNotExistIs127AtATerminalToo() throws Exception {
        terminal = new Terminal("xterm", new TerminalSize(30, 90));
        docker.hasAContainer();
        steps(
                126,
                0,
                (SAYS_OCI + "executable file `x` not found in $PATH: No such file\r\n")
                        .getBytes(StandardCharsets.UTF_8));
        assertThat(run(PullPolicy.MISSING)).isEqualTo(127);
        assertThat(stdout.size()).isZero();
        assertThat(stderr.toString(StandardCharsets.UTF_8)).startsWith(SAYS_OCI);
    }

    @Test
    void aStepsOwn125IsACodeAndNoFault() throws Exception {
        docker.hasAContainer();
        steps(125, 77);
        assertThat(run(PullPolicy.MISSING)).isEqualTo(125);
    }

    @Test
    void aCommandThatDoesNotExistIs127AndSaysSoOnStandardError() throws Exception {
        docker.hasAContainer();
        steps(126, 0, frame(1, SAYS_OCI + "executable file `x` not found in $PATH: No such file\r\n"));
        assertThat(run(PullPolicy.MISSING)).isEqualTo(127);
        assertThat(stdout.size()).isZero();
        assertThat(stderr).hasToString(SAYS_OCI + "executable file `x` not found in $PATH: No such file\n");
    }

    @Test
    void aCommandThatCannotBeInvokedIs126() throws Exception {
        docker.hasAContainer();
        steps(126, 0, frame(1, SAYS_OCI + "the path `/etc/passwd` exists but it is not executable\r\n"));
        assertThat(run(PullPolicy.MISSING)).isEqualTo(126);
    }

    @Test
    void aStepThatOnlySoundsLikeDockerKeepsItsOutput() throws Exception {
        docker.hasAContainer();
        steps(126, 77, frame(1, SAYS_OCI + "not found in $PATH"));
        assertThat(run(PullPolicy.MISSING)).isEqualTo(126);
        assertThat(stdout).hasToString(SAYS_OCI + "not found in $PATH");
        assertThat(stderr.size()).isZero();
    }

    @Test
    void aProcessThatNeverWasForAnyOtherReasonIsAFault() {
        docker.hasAContainer();
        steps(128, 0);
        assertThat(fault(Fault.CONTAINER, PullPolicy.MISSING))
                .isEqualTo("step test was not started in its container: ");
    }

    @Test
    void aStepThatClosesItsOutputIsWaitedFor() throws Exception {
        docker.hasAContainer()
                .answers(201, "{\"Id\":\"" + ID + "\"}")
                .answers(200, "")
                .answers(200, "{\"Running\":true,\"ExitCode\":null,\"Pid\":7}")
                .answers(200, "{\"Running\":false,\"ExitCode\":5,\"Pid\":7}");
        assertThat(run(PullPolicy.MISSING)).isEqualTo(5);
    }

    @Test
    void aContainerThatIsGoneIsAFault() {
        docker.hasAContainer().answers(201, "{\"Id\":\"" + ID + "\"}").answers(200, "");
        docker.answers(404, "{\"message\":\"No such container\"}");
        assertThat(fault(Fault.CONTAINER, PullPolicy.MISSING))
                .isEqualTo("the container of step test is gone: No such container; did the step remove it?");
    }

    @Test
    void anIdThatWouldChangeTheNextRequestIsNotTaken() {
        docker.answers(200, "{}").answers(201, "{\"Id\":\"../../images/prune\"}");
        assertThat(fault(Fault.GUEST_LOST, PullPolicy.MISSING))
                .isEqualTo("the conversation with the guest's Docker daemon broke off: an answer without an Id");
    }

    @Test
    void standardInputFollowsTheAnswerAndEnds() throws Exception {
        docker.hasAContainer().answers(201, "{\"Id\":\"" + ID + "\"}").answersAfterInput(frame(1, "read"));
        docker.answers(200, "{\"Running\":false,\"ExitCode\":0,\"Pid\":7}");
        var typed = new ByteArrayInputStream("typed".getBytes(StandardCharsets.UTF_8));
        assertThat(run(spec(PullPolicy.MISSING, ImageEntrypoint.NONE), typed, limit()))
                .isZero();
        assertThat(docker.heard(3)).contains("\"AttachStdin\":true");
        assertThat(docker.heard(4)).endsWith("{\"Detach\":false,\"Tty\":false}typed");
    }

    @Test
    void halfAnInputDoesNotPassForAWholeOne() {
        docker.hasAContainer().answers(201, "{\"Id\":\"" + ID + "\"}").fallsSilentAfter("HTTP/1.0 200 OK\r\n\r\n");
        var broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the terminal is gone");
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                return read();
            }
        };
        var thrown = catchThrowableOfType(
                RunnerException.class, () -> run(spec(PullPolicy.MISSING, ImageEntrypoint.NONE), broken, limit()));
        assertThat(thrown.fault()).isEqualTo(Fault.HOST);
        assertThat(thrown).hasMessage("the standard input of the step cannot be read: the terminal is gone");
    }

    @Test
    void aSilentDaemonIsLeftAtTheDeadline() {
        docker.fallsSilentAfter("HTTP/1.0 200 OK\r\n");
        var thrown = catchThrowableOfType(
                RunnerException.class,
                () -> run(spec(PullPolicy.MISSING, ImageEntrypoint.NONE), null, Deadline.in(Duration.ofMillis(50))));
        assertThat(thrown.fault()).isEqualTo(Fault.DEADLINE);
        assertThat(docker.allClosed()).isTrue();
    }

    @Test
    void anInterruptEndsTheWait() {
        docker.fallsSilentAfter("");
        Thread.currentThread().interrupt();
        assertThat(catchThrowableOfType(InterruptedException.class, () -> run(PullPolicy.MISSING)))
                .isNotNull();
        assertThat(docker.allClosed()).isTrue();
    }

    @Test
    void anEntrypointHasRunWhenItsArgumentsDo() throws Exception {
        docker.answers(200, "{}")
                .answers(201, "{\"Id\":\"" + ID + "\"}")
                .answers(
                        "HTTP/1.0 200 OK\r\n\r\n",
                        joined(frame(1, "prep"), frame(1, "ared\n" + ContainerPlan.RUNNING + "\n")))
                .answers(204, "");
        steps(0, 77);
        assertThat(run(spec(PullPolicy.MISSING, ImageEntrypoint.IMAGE), null, limit()))
                .isZero();
        assertThat(docker.requests().get(2))
                .isEqualTo("POST /v1.44/containers/" + ID + "/attach?stream=1&stdout=1&stderr=1 HTTP/1.0");
        assertThat(stderr).hasToString("prepared\n");
        assertThat(stdout.size()).isZero();
    }

    @Test
    void anEntrypointThatEndsFirstIsAFault() {
        docker.answers(200, "{}")
                .answers(201, "{\"Id\":\"" + ID + "\"}")
                .answers("HTTP/1.0 200 OK\r\n\r\n", frame(2, "usage: git <command>\n"))
                .answers(204, "");
        var thrown = catchThrowableOfType(
                RunnerException.class, () -> run(spec(PullPolicy.MISSING, ImageEntrypoint.IMAGE), null, limit()));
        assertThat(thrown.fault()).isEqualTo(Fault.CONTAINER);
        assertThat(thrown).hasMessageContaining("ended without running its arguments");
        assertThat(stderr).hasToString("usage: git <command>\n");
    }

    @Test
    void theContainerIsWhatDockerRunWouldMake() throws Exception {
        var spec = spec(PullPolicy.MISSING, ImageEntrypoint.NONE);
        assertThat(new ContainerPlan(spec, "1000:1000", 102, Map.of("A", "x\ny=\"z\"")).json())
                .isEqualTo(new JsonMapper().readTree("""
                        {"Image": "team/a:1", "WorkingDir": "/workspace", "OpenStdin": true, "User": "1000:1000",
                         "Env": ["A=x\\ny=\\"z\\""], "Entrypoint": [""],
                         "Cmd": ["/bin/sh", "-c", "echo 'thaw: the container runs'; read -r _"],
                         "HostConfig": {"NetworkMode": "host", "Init": true, "GroupAdd": ["102"],
                           "Binds": ["/workspace:/workspace", "/var/run/docker.sock:/var/run/docker.sock"]}}
                        """));
    }

    @Test
    void theImagesOwnUserAndEntrypointAreItsOwnWhenNobodySaysOtherwise() {
        var spec = spec(PullPolicy.MISSING, ImageEntrypoint.IMAGE);
        assertThat(new ContainerPlan(spec, null, 102, Map.of()).json().fieldNames())
                .toIterable()
                .doesNotContain("User", "Entrypoint");
    }

    private void steps(int code, int pid, byte[]... output) {
        docker.answers(201, "{\"Id\":\"" + ID + "\"}")
                .answers("HTTP/1.0 200 OK\r\n\r\n", joined(output))
                .answers(200, "{\"Running\":false,\"ExitCode\":" + code + ",\"Pid\":" + pid + "}");
    }

    private int run(PullPolicy pull) throws Exception {
        return run(spec(pull, ImageEntrypoint.NONE), null, limit());
    }

    private int run(ContainerSpec spec, @Nullable InputStream stdin, Deadline deadline) throws Exception {
        var stdio = new Stdio(stdin, OutputSink.to(stdout), OutputSink.to(stderr));
        var plan = new ContainerPlan(spec, null, 102, Map.of());
        return JobContainer.start(new DockerEngine(docker), plan, stdio, deadline)
                .run(
                        new ContainerCommand("test", List.of("make", "all the things"), terminal),
                        stdio,
                        () -> events.add("started"),
                        deadline);
    }

    private String fault(Fault kind, PullPolicy pull) {
        var thrown = catchThrowableOfType(RunnerException.class, () -> run(pull));
        assertThat(thrown.fault()).isEqualTo(kind);
        return String.valueOf(thrown.getMessage());
    }

    private static ContainerSpec spec(PullPolicy pull, ImageEntrypoint entrypoint) {
        return new ContainerSpec(ImageReference.parse("team/a:1"), pull, entrypoint, null);
    }

    private static Deadline limit() {
        return Deadline.in(Duration.ofSeconds(30));
    }
}
