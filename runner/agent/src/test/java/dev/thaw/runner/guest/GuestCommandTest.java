package dev.thaw.runner.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GuestCommandTest {
    @Test
    void aCommandNeedsAProgram() {
        assertThatThrownBy(() -> new GuestCommand(List.of(), Map.of(), "/", "root"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a command needs at least the name of a program");
    }

    @Test
    void whatNoProcessCanBeGivenIsRefusedWithoutShowingValues() {
        assertThatThrownBy(() -> new GuestCommand(List.of("a\0b"), Map.of(), "/", "root"))
                .hasMessage("argument must not hold the character NUL");
        assertThatThrownBy(() -> new GuestCommand(List.of("a"), Map.of("TOKEN", "s3cret\0"), "/", "root"))
                .hasMessage("value of the variable TOKEN must not hold the character NUL");
        assertThatThrownBy(() -> new GuestCommand(List.of("a"), Map.of("A=B", ""), "/", "root"))
                .hasMessage("the name of a variable must not be empty or hold '=', got: A=B");
        assertThatThrownBy(() -> new GuestCommand(List.of("a"), Map.of(), "\ud800", "root"))
                .hasMessage("working directory must be text that UTF-8 can hold");
    }

    @Test
    void textOfEveryKindSurvivesTheLine() throws Exception {
        GuestCommand command = new GuestCommand(List.of("a\"\n\\\u0001", "\u00e9\ud83d\ude00"), Map.of(), "/", "root");

        assertThat(new String(GuestRequest.exec("e1", command), StandardCharsets.UTF_8))
                .contains("\"argv\":[\"a\\\"\\n\\\\\\u0001\",\"\u00e9\\uD83D\\uDE00\"]")
                .endsWith("}\n");
    }

    @Test
    void anIdentityIsCheckedAndNeverTheSameTwice() {
        assertThat(Identity.random("h").entropy())
                .hasSize(64)
                .isNotEqualTo(Identity.random("h").entropy());
        assertThat(Identity.random("h").machineId()).matches("[0-9a-f]{32}");
        assertThatThrownBy(() -> new Identity(new byte[63], "0".repeat(32), "h"))
                .hasMessage("entropy must be 64 bytes, got: 63");
        assertThatThrownBy(() -> new Identity(new byte[64], "0", "h"))
                .hasMessage("machine id must be 32 lower-case hex digits, got: 0");
        assertThatThrownBy(() -> new Identity(new byte[64], "0".repeat(32), "-h"))
                .hasMessageStartingWith("host name must match");
    }

    @Test
    void aSinkOverAStreamFlushesEveryChunk() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OutputSink.to(new BufferedOutputStream(out)).write(new byte[] {1, 2, 3}, 1, 1);

        assertThat(out.toByteArray()).containsExactly(2);
    }
}
