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
    void theGistOfAConsoleIsItsLastLines() throws Exception {
        print("first\n\nsecond\r\nthird\nend of it\n");
        await(() -> tail.text().contains("end"));
        assertThat(tail.gist()).isEqualTo("second | third | end of it");
    }

    @Test
    void theGistOfAPanicIsItsCauseAndNotTheRegistersBelow() throws Exception {
        print("""
                booting
                [1.0] BUG: unable to handle page fault for address: 10
                [1.1] Oops: 0002 [#1] SMP
                [1.2] CPU: 1 PID: 7
                [1.3] RIP: 0010:some_function+0x1/0x2
                [1.4] RSP: 0018 EFLAGS: 00010002
                [1.5] PKRU: 5
                [1.6] Kernel panic - not syncing: Fatal exception
                [1.7] Kernel Offset: 0x0
                """);
        await(() -> tail.text().contains("Offset"));
        assertThat(tail.gist())
                .isEqualTo("[1.0] BUG: unable to handle page fault for address: 10 | [1.1] Oops: 0002 [#1] SMP"
                        + " | [1.3] RIP: 0010:some_function+0x1/0x2"
                        + " | [1.6] Kernel panic - not syncing: Fatal exception");
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
