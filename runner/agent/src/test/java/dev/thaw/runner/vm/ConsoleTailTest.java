package dev.thaw.runner.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleTailTest {
    private final SocketChannel guest;
    private final ConsoleTail tail;

    ConsoleTailTest(@TempDir Path directory) throws IOException {
        var address = UnixDomainSocketAddress.of(directory.resolve("console"));
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address)) {
            tail = new ConsoleTail(SocketChannel.open(address));
            guest = server.accept();
        }
    }

    private void print(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) {
            guest.write(bytes);
        }
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void theLastLinesAreOneLine() throws Exception {
        print("first\n\nKernel panic - not syncing: x\r\nend of trace\n");
        await(() -> tail.text().contains("trace"));
        assertThat(tail.lastLines(2)).isEqualTo("Kernel panic - not syncing: x | end of trace");
        assertThat(tail.lastLines(9)).startsWith("first | Kernel");
    }

    @Test
    void nothingThatSteersATerminalComesThrough() throws Exception {
        print("\u001b[2J\u001b]0;title\u0007red\u009b31m\n");
        await(() -> tail.text().contains("31m"));
        assertThat(tail.text()).isEqualTo("[2J]0;titlered31m\n");
    }

    @Test
    void aFloodIsCutToItsEnd() throws Exception {
        for (int i = 0; i < 1000; i++) {
            print("line " + i + " " + "x".repeat(100) + "\n");
        }
        print("the end\n");
        await(() -> tail.text().endsWith("the end\n"));
        assertThat(tail.text()).hasSize(16 * 1024).contains("line 999 ").doesNotContain("line 1 ");
    }
}
