package dev.thaw.runner.workspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkspacePackerTest {
    @TempDir
    private Path temporary = Path.of("");

    private Path workspace = Path.of("");

    @BeforeEach
    void makeWorkspace() throws IOException {
        workspace = Files.createDirectory(temporary.resolve("workspace"));
    }

    @Test
    void filesAndDirectoriesGoAlongEmptyOnesToo() throws IOException, RunnerException {
        write("README", "hello");
        write("src/main.c", "int main;");
        Files.createDirectories(workspace.resolve("empty/inner"));

        PackedTar tar = PackedTar.of(workspace);

        assertThat(tar.names()).containsExactly("README", "empty/", "empty/inner/", "src/", "src/main.c");
        assertThat(tar.content("src/main.c")).isEqualTo("int main;");
        assertThat(tar.packed()).isEqualTo(new PackedWorkspace(2, 14, List.of(), false, List.of()));
    }

    @Test
    void whatEarlierJobsGaveBackStaysHere() throws IOException, RunnerException {
        write("README", "hello");
        write("thaw-artifacts/report.xml", "<report/>");
        write("sub/thaw-artifacts", "somebody's file");

        assertThat(PackedTar.of(workspace).names()).containsExactly("README", "sub/", "sub/thaw-artifacts");
    }

    @Test
    void modeTimeAndOwnerAreThoseTheGuestExpects() throws IOException, RunnerException {
        Path script = write("run.sh", "#!/bin/sh\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-x--x"));
        var time = FileTime.from(Instant.parse("2024-02-29T12:34:56.1234567Z"));
        Files.setLastModifiedTime(script, time);

        var entry = PackedTar.of(workspace).entry("run.sh");

        assertThat(entry.getMode()).isEqualTo(0751);
        assertThat(entry.getLastModifiedTime()).isEqualTo(time);
        assertThat(entry.getLongUserId()).isEqualTo(1000);
        assertThat(entry.getLongGroupId()).isEqualTo(1000);
        assertThat(entry.getUserName()).isEqualTo("build");
        assertThat(entry.getGroupName()).isEqualTo("build");
    }

    @Test
    void linksAreKeptAndNeverFollowed() throws IOException, RunnerException {
        Path outside = Files.createDirectory(temporary.resolve("outside"));
        Files.writeString(outside.resolve("canary"), "do not pack me");
        write("inside", "x");
        Files.createSymbolicLink(workspace.resolve("to-file"), Path.of("inside"));
        Files.createSymbolicLink(workspace.resolve("to-canary"), outside.resolve("canary"));
        Files.createSymbolicLink(workspace.resolve("to-outside"), Path.of("../outside"));
        Files.createSymbolicLink(workspace.resolve("dangling"), Path.of("nowhere/at/all"));
        Files.createSymbolicLink(workspace.resolve("to-itself"), Path.of("."));

        PackedTar tar = PackedTar.of(workspace);

        assertThat(tar.names())
                .containsExactly("dangling", "inside", "to-canary", "to-file", "to-itself", "to-outside");
        assertThat(tar.entry("to-file").getLinkName()).isEqualTo("inside");
        assertThat(tar.entry("to-outside").getLinkName()).isEqualTo("../outside");
        assertThat(tar.entry("to-outside").isSymbolicLink()).isTrue();
        assertThat(tar.entry("dangling").getLinkName()).isEqualTo("nowhere/at/all");
        assertThat(tar.everything()).doesNotContain("do not pack me");
    }

    @Test
    void theWorkingDirectoryItselfMayBeReachedThroughALink() throws IOException, RunnerException {
        write("file", "x");
        Path link = Files.createSymbolicLink(temporary.resolve("link"), workspace);
        assertThat(PackedTar.of(link).names()).containsExactly("file");
    }

    @Test
    void longNamesAndLongTargetsAreKept() throws IOException, RunnerException {
        String deep = "a-directory-with-a-long-name/".repeat(8) + "ä-file";
        write(deep, "x");
        Files.createSymbolicLink(workspace.resolve("link"), Path.of(deep));

        PackedTar tar = PackedTar.of(workspace);

        assertThat(tar.content(deep)).isEqualTo("x");
        assertThat(tar.entry("link").getLinkName()).isEqualTo(deep);
    }

    @Test
    void namesThatAreNotUtf8SurviveByteForByte() throws IOException, RunnerException {
        Path latin = Path.of(URI.create(workspace.toUri() + "gr%FC%DFe%25"));
        Files.createDirectory(latin);
        Files.writeString(Path.of(URI.create(workspace.toUri() + "gr%FC%DFe%25/x%FE" + "y".repeat(120))), "x");
        Files.createSymbolicLink(workspace.resolve("link"), Path.of(".").resolve(latin.getFileName()));

        var user = new GitUser(temporary, temporary, temporary);
        PackedTar tar = PackedTar.of(workspace, user, ISO_8859_1);

        assertThat(tar.names())
                .containsExactly("gr\u00fc\u00dfe%/", "gr\u00fc\u00dfe%/x\u00fe" + "y".repeat(120), "link");
        assertThat(tar.content("gr\u00fc\u00dfe%/x\u00fe" + "y".repeat(120))).isEqualTo("x");
        assertThat(tar.entry("link").getLinkName()).isEqualTo("./gr\u00fc\u00dfe%");
    }

    @Test
    void linkTargetsOutsideAsciiAreKeptAsTheyAreWritten() throws IOException, RunnerException {
        Files.createDirectory(workspace.resolve("ö"));
        Files.createSymbolicLink(workspace.resolve("absolute"), Path.of("/tmp/ö"));
        Files.createSymbolicLink(workspace.resolve("relative"), Path.of("../workspace/ö"));

        PackedTar tar = PackedTar.of(workspace);

        assertThat(tar.entry("absolute").getLinkName()).isEqualTo("/tmp/ö");
        assertThat(tar.entry("relative").getLinkName()).isEqualTo("../workspace/ö");
    }

    @Test
    void socketsAreSkippedAndNamed() throws IOException, RunnerException {
        write("file", "x");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(workspace.resolve("s")));
            PackedTar tar = PackedTar.of(workspace);
            assertThat(tar.names()).containsExactly("file");
            assertThat(tar.packed().skipped()).containsExactly("s");
        }
    }

    @Test
    void aDirectoryThatIsNotThereIsAFaultOfOneLine() throws IOException {
        assertThatExceptionOfType(RunnerException.class)
                .isThrownBy(() -> PackedTar.of(temporary.resolve("gone")))
                .withMessage("working directory " + temporary.resolve("gone") + " does not exist")
                .satisfies(e -> assertThat(e.fault()).isEqualTo(Fault.WORKSPACE));
        Path file = write("file", "x");
        assertThatExceptionOfType(RunnerException.class)
                .isThrownBy(() -> PackedTar.of(file))
                .withMessage("working directory " + file + " is not a directory");
    }

    @Test
    void aFileThatGrowsWhileItIsPackedIsNamed() throws IOException {
        Path log = write("build.log", "x".repeat(1 << 20));
        assertThatExceptionOfType(RunnerException.class)
                .isThrownBy(() -> new WorkspacePacker().pack(workspace, onFirstWrite(() -> append(log))))
                .withMessage("cannot pack build.log: it grew meanwhile; stop what writes it and try again");
    }

    @Test
    void aFileThatShrinksWhileItIsPackedIsNamed() throws IOException {
        Path log = write("build.log", "x".repeat(1 << 20));
        assertThatExceptionOfType(RunnerException.class)
                .isThrownBy(() -> new WorkspacePacker().pack(workspace, onFirstWrite(() -> truncate(log))))
                .withMessage("cannot pack build.log: it shrank meanwhile; stop what writes it and try again");
    }

    @Test
    void aFileThatGoesAwayWhileItIsPackedIsNamed() throws IOException {
        write("a", "x".repeat(1 << 20));
        Path later = write("b", "x");
        assertThatExceptionOfType(RunnerException.class)
                .isThrownBy(() -> new WorkspacePacker().pack(workspace, onFirstWrite(() -> Files.delete(later))))
                .withMessage("cannot pack b: it went away while it was packed")
                .satisfies(e -> assertThat(e.fault()).isEqualTo(Fault.WORKSPACE));
    }

    @Test
    void aFileThatBecomesALinkWhileItIsPackedIsPackedAsALink() throws IOException, RunnerException {
        Path canary = Files.writeString(temporary.resolve("canary"), "do not pack me");
        write("a", "x".repeat(1 << 20));
        Path later = write("b", "x");
        var out = new ByteArrayOutputStream();
        new WorkspacePacker().pack(workspace, onFirstWrite(out, () -> {
            Files.delete(later);
            Files.createSymbolicLink(later, canary);
        }));
        assertThat(out.toString(ISO_8859_1)).contains(canary.toString()).doesNotContain("do not pack me");
    }

    @Test
    void aFileThatIsWrittenToWhileItIsPackedIsNamed() throws IOException {
        Path data = write("data", "x".repeat(1 << 20));
        assertThatExceptionOfType(RunnerException.class)
                .isThrownBy(() -> new WorkspacePacker()
                        .pack(workspace, onFirstWrite(() -> Files.writeString(data, "y".repeat(1 << 20)))))
                .withMessage("cannot pack data: it was written to meanwhile; stop what writes it and try again");
    }

    @Test
    void aDirectoryThatBecomesALinkWhileItIsPackedIsNotFollowed() throws IOException, RunnerException {
        Path outside = Files.createDirectories(temporary.resolve("outside/deep"));
        Files.writeString(outside.resolveSibling("b"), "do not pack me");
        Files.writeString(outside.resolve("c"), "nor me");
        write("inner/a", "x".repeat(1 << 20));
        write("inner/b", "the project's own b");
        write("inner/deep/c", "the project's own c");
        Path inner = workspace.resolve("inner");
        var out = new ByteArrayOutputStream();
        new WorkspacePacker().pack(workspace, onFirstWrite(out, () -> {
            Files.move(inner, temporary.resolve("moved"));
            Files.createSymbolicLink(inner, outside.resolveSibling(""));
        }));
        // The control: whoever goes by names reads the other files now.
        assertThat(Files.readString(inner.resolve("b"))).isEqualTo("do not pack me");
        assertThat(out.toString(ISO_8859_1))
                .contains("the project's own b", "the project's own c")
                .doesNotContain("do not pack me", "nor me");
    }

    @Test
    void linksThatLeadInCirclesAreLinksLikeOthers() throws IOException, RunnerException {
        Files.createSymbolicLink(workspace.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(workspace.resolve("b"), Path.of("a"));
        Files.createSymbolicLink(Files.createDirectory(workspace.resolve("dir")).resolve("up"), Path.of(".."));
        PackedTar tar = PackedTar.of(workspace);
        assertThat(tar.names()).containsExactlyInAnyOrder("a", "b", "dir/", "dir/up");
        assertThat(tar.entry("a").getLinkName()).isEqualTo("b");
        assertThat(tar.entry("dir/up").getLinkName()).isEqualTo("..");
    }

    @Test
    void whyAFileCannotBeReadIsSaidInWords() {
        assertThat(Reason.of(new AccessDeniedException("a"))).isEqualTo("permission denied");
        assertThat(Reason.of(new FileSystemException("a", null, "File name too long")))
                .isEqualTo("File name too long");
        assertThat(Reason.of(new IOException("Input/output error"))).isEqualTo("Input/output error");
        assertThat(Reason.of(new IOException())).isEqualTo("IOException");
    }

    @Test
    void theSameTreeGivesTheSameArchive() throws IOException, RunnerException {
        write("b", "x");
        write("a/" + "n".repeat(200), "x");
        Files.createDirectory(Path.of(URI.create(workspace.toUri() + "%FF")));
        var first = new ByteArrayOutputStream();
        var second = new ByteArrayOutputStream();
        new WorkspacePacker().pack(workspace, first);
        new WorkspacePacker().pack(workspace, second);
        assertThat(second.toByteArray()).isEqualTo(first.toByteArray());
    }

    @Test
    void aStreamThatBreaksIsTheCallersAndNoFaultOfTheWorkspace() throws IOException {
        write("a", "x".repeat(1 << 20));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> new WorkspacePacker().pack(workspace, onFirstWrite(() -> {
                    throw new IOException("the guest hung up");
                })))
                .withMessage("the guest hung up");
    }

    @Test
    void theStreamStaysOpen() throws IOException, RunnerException {
        var closed = new AtomicBoolean();
        write("a", "x");
        var out = new ByteArrayOutputStream() {
            @Override
            public void close() {
                closed.set(true);
            }
        };
        new WorkspacePacker().pack(workspace, out);
        assertThat(closed).isFalse();
        assertThat(out.size()).isPositive();
    }

    private Path write(String name, String content) throws IOException {
        Path file = workspace.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        return Files.writeString(file, content);
    }

    private static void append(Path file) throws IOException {
        Files.writeString(file, "more", StandardOpenOption.APPEND);
    }

    private static void truncate(Path file) throws IOException {
        Files.writeString(file, "less");
    }

    private interface Action {
        void run() throws IOException;
    }

    private static OutputStream onFirstWrite(Action action) {
        return onFirstWrite(OutputStream.nullOutputStream(), action);
    }

    private static OutputStream onFirstWrite(OutputStream out, Action action) {
        return new FilterOutputStream(out) {
            private boolean done;

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (!done) {
                    done = true;
                    action.run();
                }
                out.write(bytes, offset, length);
            }
        };
    }
}
