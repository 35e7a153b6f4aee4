package dev.thaw.runner.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkspaceFeedTest {
    private final Path directory;

    WorkspaceFeedTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void theArchiveHasWhatTheDirectoryHas() throws Exception {
        Files.writeString(directory.resolve("a"), "content");
        var names = new ArrayList<String>();
        try (var feed = new WorkspaceFeed(directory);
                var tar = new TarArchiveInputStream(feed.archive())) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                names.add(entry.getName());
            }
            feed.check();
        }
        assertThat(names).contains("a");
    }

    @Test
    void moreThanFitsIsPackedWhileItIsRead() throws Exception {
        Files.write(directory.resolve("large"), large());
        try (var feed = new WorkspaceFeed(directory)) {
            assertThat(feed.archive().readAllBytes()).hasSizeGreaterThan(10 << 20);
            feed.check();
        }
    }

    @Test
    void aDirectoryThatCannotBePackedIsAFaultAndNotATornArchive() throws Exception {
        Path absent = directory.resolve("absent");
        try (var feed = new WorkspaceFeed(absent)) {
            assertThatThrownBy(() -> feed.archive().readAllBytes()).isInstanceOf(IOException.class);
            assertThatThrownBy(feed::check)
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.WORKSPACE))
                    .hasMessageContaining(absent.toString());
        }
    }

    @Test
    void closedItHoldsNobody() throws Exception {
        Files.write(directory.resolve("large"), large());
        var feed = new WorkspaceFeed(directory);
        feed.close();
        assertThatThrownBy(() -> feed.archive().readAllBytes())
                .isInstanceOf(IOException.class)
                .hasMessage("nobody wants the archive any more");
    }

    /** Of more than the pipe holds, and without a run of zeros, which would be a hole. */
    private static byte[] large() {
        byte[] bytes = new byte[10 << 20];
        Arrays.fill(bytes, (byte) 'x');
        return bytes;
    }
}
