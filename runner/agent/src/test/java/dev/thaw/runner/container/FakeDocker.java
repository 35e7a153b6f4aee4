package dev.thaw.runner.container;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A Docker daemon that gives prepared answers, one for each connection, and notes what it was asked. */
final class FakeDocker implements DockerConnection.Source {
    static final String ID = "0123456789abcdef".repeat(4);

    private final Deque<Answer> answers = new ArrayDeque<>();
    private final List<Conversation> conversations = new ArrayList<>();

    private enum Then {
        END,
        WAIT_FOR_END_OF_INPUT,
        SILENCE
    }

    private record Answer(InputStream bytes, Then then) {}

    FakeDocker answers(int status, String body) {
        return answers("HTTP/1.0 " + status + " Word\r\nServer: fake\r\n\r\n", body.getBytes(StandardCharsets.UTF_8));
    }

    FakeDocker answers(String head, byte[] body) {
        answers.add(
                new Answer(new ByteArrayInputStream(joined(head.getBytes(StandardCharsets.UTF_8), body)), Then.END));
        return this;
    }

    /** Answers, but ends only when it was told that no more input comes. */
    FakeDocker answersAfterInput(byte[] body) {
        answers.add(new Answer(
                new ByteArrayInputStream(joined("HTTP/1.0 200 OK\r\n\r\n".getBytes(StandardCharsets.UTF_8), body)),
                Then.WAIT_FOR_END_OF_INPUT));
        return this;
    }

    /** Says this much and then nothing any more. */
    FakeDocker fallsSilentAfter(String text) {
        answers.add(new Answer(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), Then.SILENCE));
        return this;
    }

    /** A container that was made and started. */
    FakeDocker hasAContainer() {
        return answers(200, "{}").answers(201, "{\"Id\":\"" + ID + "\"}").answers(204, "");
    }

    /** A piece of output, 1 or 2, as Docker sends it. */
    static byte[] frame(int kind, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return joined(
                ByteBuffer.allocate(8).put((byte) kind).putInt(4, bytes.length).array(), bytes);
    }

    static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** First lines of all requests. */
    List<String> requests() {
        return conversations.stream()
                .map(conversation -> conversation.heard().lines().findFirst().orElse(""))
                .toList();
    }

    /** All that was said in a conversation; the first is 0. */
    String heard(int number) {
        return conversations.get(number).heard();
    }

    /** Whether each connection was closed. */
    boolean allClosed() {
        return conversations.stream().allMatch(conversation -> conversation.closed.getCount() == 0);
    }

    @Override
    public DockerConnection connect(dev.thaw.runner.job.Deadline deadline) {
        var conversation = new Conversation(answers.remove());
        conversations.add(conversation);
        return conversation;
    }

    private static final class Conversation implements DockerConnection {
        private final Answer answer;
        private final InputStream prepared;
        private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
        private final CountDownLatch finished = new CountDownLatch(1);
        private final CountDownLatch closed = new CountDownLatch(1);

        Conversation(Answer answer) {
            this.answer = answer;
            prepared = answer.bytes();
        }

        String heard() {
            return heard.toString(StandardCharsets.UTF_8);
        }

        @Override
        public InputStream input() {
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
                }

                @Override
                public int read(byte[] target, int offset, int length) throws IOException {
                    int read = prepared.read(target, offset, length);
                    return read >= 0 ? read : atEnd();
                }
            };
        }

        private int atEnd() throws IOException {
            try {
                switch (answer.then()) {
                    case END -> {}
                    case WAIT_FOR_END_OF_INPUT -> finished.await();
                    case SILENCE -> {
                        closed.await();
                        throw new IOException("closed");
                    }
                }
                return -1;
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            }
        }

        @Override
        public OutputStream output() {
            return heard;
        }

        @Override
        public void finish() {
            finished.countDown();
        }

        @Override
        public void close() {
            closed.countDown();
            finished.countDown();
        }
    }
}
