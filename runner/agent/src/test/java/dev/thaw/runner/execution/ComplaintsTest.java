package dev.thaw.runner.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ComplaintsTest {
    private final Complaints complaints = new Complaints();

    @Test
    void theyAreOneLineAndTheirBeginningOnly() throws IOException {
        write("tar: a: Cannot open\ntar: b: Cannot open\n");
        assertThat(complaints).hasToString("tar: a: Cannot open | tar: b: Cannot open");
        for (int i = 0; i < 100_000; i++) {
            write("tar: another file: Cannot open: Permission denied\n");
        }
        assertThat(complaints.toString()).hasSizeLessThan(4096);
        assertThat(complaints.diskFull()).isFalse();
    }

    @Test
    void aFullDiskEndsTheProgramEvenIfItIsSaidLateAndInTwoPieces() throws IOException {
        write("tar: x: Permission denied\n".repeat(1000));
        write("tar: y: Cannot write: No space le");
        assertThatThrownBy(() -> write("ft on device\n")).isInstanceOf(IOException.class);
        assertThat(complaints.diskFull()).isTrue();
    }

    private void write(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        complaints.write(bytes, 0, bytes.length);
    }
}
