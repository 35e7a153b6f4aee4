package dev.thaw.runner.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.thaw.runner.guest.OutputSink;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerAnswerTest {
    private static final String OK = "HTTP/1.0 200 OK\r\n\r\n";

    @Test
    void aHeadIsReadAndNotAByteBehindIt() throws IOException {
        InputStream in = in("HTTP/1.1 201 Created\r\nA: b\r\n\r\nbody");
        assertThat(DockerAnswer.read(in).status()).isEqualTo(201);
        assertThat(in.readAllBytes()).isEqualTo("body".getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "SSH-2.0\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.0 99 x\r\n\r\n", "HTTP/1.0 200 OK\r\nA: b"})
    void whatIsNoAnswerIsNotTakenForOne(String text) {
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> DockerAnswer.read(in(text)));
    }

    @Test
    void nothingIsReadWithoutALimit() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> DockerAnswer.read(in("HTTP/1.0 200 " + "x".repeat(20_000))))
                .withMessage("a line of more than 16384 bytes");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> DockerAnswer.read(in("HTTP/1.0 200 OK\r\n" + "A: b\r\n".repeat(300))))
                .withMessage("an answer without end");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() ->
                        DockerAnswer.read(in(OK + "[" + " ".repeat(2_000_000))).json())
                .withMessage("an answer of more than 1048576 bytes");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(
                        () -> DockerAnswer.read(in(OK + "[".repeat(500_000))).json());
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() ->
                        DockerAnswer.read(in(OK + "\"" + "x".repeat(100_000))).failureOfPull());
    }

    @Test
    void aMessageIsOneLineForATerminal() throws IOException {
        assertThat(DockerAnswer.read(in("HTTP/1.0 500 x\r\n\r\n{\"message\":\"a\\nb\\u001b[2J\\u202ec\"}"))
                        .refusal())
                .isEqualTo("a b [2J c");
        assertThat(DockerAnswer.read(in("HTTP/1.0 500 x\r\n\r\n")).refusal()).isEqualTo("HTTP status 500");
        assertThat(DockerAnswer.read(in("HTTP/1.0 500 x\r\n\r\n{\"message\":\"" + "x".repeat(5000) + "\"}"))
                        .refusal())
                .hasSize(603);
    }

    @Test
    void outputsAreToldApartAndKeepTheirOrder() throws Exception {
        var both = new ByteArrayOutputStream();
        byte[] frames = FakeDocker.joined(
                FakeDocker.frame(2, "b"), FakeDocker.frame(1, "a"), FakeDocker.frame(1, ""), FakeDocker.frame(2, "c"));
        OutputSink out = (bytes, offset, length) -> both.write(bytes, offset, length);
        OutputSink err = (bytes, offset, length) ->
                both.writeBytes(("<" + new String(bytes, offset, length, StandardCharsets.UTF_8) + ">")
                        .getBytes(StandardCharsets.UTF_8));
        assertThat(new MultiplexedOutput(new ByteArrayInputStream(frames), out, err).deliver())
                .isEmpty();
        assertThat(both).hasToString("<b>a<c>");
    }

    @Test
    void aTornOutputIsNotTakenForAWholeOne() {
        for (byte[] torn : new byte[][] {{1, 0, 0}, {2, 0, 0, 0, -1, -1, -1, -1, 'x'}, {1, 0, 0, 0, 0, 0, 0, 2, 'x'}}) {
            assertThatExceptionOfType(EOFException.class).isThrownBy(() -> discard(torn));
        }
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> discard(FakeDocker.frame(3, "x")))
                .withMessage("output of the unknown kind 3");
    }

    private static void discard(byte[] frames) throws Exception {
        new MultiplexedOutput(new ByteArrayInputStream(frames), OutputSink.DISCARD, OutputSink.DISCARD).deliver();
    }

    private static InputStream in(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
