package dev.thaw.runner.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.guest.Identity;
import dev.thaw.runner.guest.RealSession;
import dev.thaw.runner.job.ArtifactGlob;
import dev.thaw.runner.job.ArtifactReport;
import dev.thaw.runner.job.ArtifactReport.Collected;
import dev.thaw.runner.job.ArtifactReport.Refused;
import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The whole way with guestd, find and tar of this host, and with programs in their place that mean harm. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class ArtifactCollectorTest {
    @RegisterExtension
    static final RealSession REAL = new RealSession();

    @TempDir
    Path directory;

    private Path workspace;
    private Path output;
    private Path programs;

    @BeforeEach
    void begin() throws Exception {
        workspace = Files.createDirectory(directory.resolve("workspace"));
        output = directory.resolve("out");
        programs = Files.createDirectory(directory.resolve("bin"));
        Files.writeString(directory.resolve("canary"), "alive");
        REAL.session().identify(Identity.random("thaw-1"), soon());
    }

    @AfterEach
    void end() throws IOException {
        assertThat(directory.resolve("canary")).hasContent("alive");
        if (Files.exists(output)) {
            try (Stream<Path> all = Files.list(output)) {
                assertThat(all).noneMatch(path -> path.getFileName().toString().startsWith(Staging.PREFIX));
            }
        }
    }

    @Test
    void whatTheGlobsMeanComesBackAndNothingElse() throws Exception {
        write("target/reports/a.xml", "<a/>");
        write("target/reports/deep/b.xml", "<b/>");
        write("target/reports/-c.xml", "");
        write("target/classes/A.class", "no");
        write("target/reports/.git/config", "no");
        Files.createLink(workspace.resolve("target/reports/hard.xml"), workspace.resolve("target/reports/a.xml"));
        Files.createSymbolicLink(workspace.resolve("target/reports/link.xml"), Path.of("deep/b.xml"));
        Files.createDirectories(workspace.resolve("target/reports/empty.xml"));

        ArtifactReport report = collect("target/reports/**/*.xml", "nothing/*");

        assertThat(report).isEqualTo(new Collected(6, 12, List.of("nothing matches nothing/*")));
        assertThat(tree())
                .containsExactly(
                        "target/reports/-c.xml",
                        "target/reports/a.xml",
                        "target/reports/deep/b.xml",
                        "target/reports/empty.xml",
                        "target/reports/hard.xml",
                        "target/reports/link.xml");
        assertThat(output.resolve("target/reports/hard.xml")).hasContent("<a/>");
    }

    @Test
    void whereNothingMatchesNothingIsMade() throws Exception {
        write("a", "");
        assertThat(collect("b/**", "c"))
                .isEqualTo(new Collected(0, 0, List.of("nothing matches b/**", "nothing matches c")));
        assertThat(output).doesNotExist();
    }

    @Test
    void aLinkThatLeadsOutOfTheWorkspaceIsRefusedAndOneThatStaysIsKept() throws Exception {
        write("a", "fine");
        Files.createSymbolicLink(workspace.resolve("stays"), Path.of("a"));
        Files.createSymbolicLink(workspace.resolve("leads-out"), Path.of("../canary"));
        assertThat(collect("**")).isEqualTo(refused("link leads-out -> ../canary leads out of the artifacts"));
        assertThat(output).doesNotExist();
        Files.delete(workspace.resolve("leads-out"));
        assertThat(collect("**")).isInstanceOf(Collected.class);
        assertThat(output.resolve("stays")).hasContent("fine");
    }

    @Test
    void aTarThatSendsSomethingElseIsRefusedAndAnHonestOneIsNot() throws Exception {
        write("a", "fine");
        Path archive = directory.resolve("archive");
        script("tar", "cat > /dev/null; exec cat " + archive);
        for (TestArchive hostile : List.of(
                new TestArchive().file("../canary", "dead"),
                new TestArchive().file("a", "1").file("b", "2"),
                new TestArchive().file("a", "1").file("a", "2"),
                new TestArchive().link("a", "../canary"),
                new TestArchive())) {
            Files.write(archive, hostile.bytes());
            assertThat(collect("a"))
                    .asInstanceOf(InstanceOfAssertFactories.type(Refused.class))
                    .extracting(Refused::fault)
                    .isEqualTo(Fault.ARTIFACTS);
            assertThat(output).doesNotExist();
        }
        Files.write(archive, new TestArchive().file("a", "fine").bytes());
        assertThat(collect("a")).isEqualTo(new Collected(1, 4, List.of()));
        assertThat(output.resolve("a")).hasContent("fine");
    }

    @Test
    void aTarThatNeverEndsIsEndedAsSoonAsItIsRefused() throws Exception {
        write("a", "fine");
        script("tar", "cat > /dev/null; exec cat /dev/urandom");
        assertThat(collect("a"))
                .asInstanceOf(InstanceOfAssertFactories.type(Refused.class))
                .extracting(Refused::reason, InstanceOfAssertFactories.STRING)
                .startsWith("the guest's archive of the artifacts cannot be read: ");
        assertThat(output).doesNotExist();
    }

    @Test
    void aTarThatFailsSaysWhy() throws Exception {
        write("a", "fine");
        script("tar", "cat > /dev/null; printf 'no\\033[2J disk\\nmore\\n' >&2; exit 2");
        assertThat(collect("a"))
                .isEqualTo(refused("the guest's archive ends before 1 of its artifacts, one of them a;"
                        + " tar in the guest ended with 2: no?[2J disk"));
        Files.delete(programs.resolve("tar"));
        assertThat(collect("a")).isInstanceOf(Collected.class);
    }

    @Test
    void aFindThatListsWithoutEndIsEnded() throws Exception {
        write("a", "fine");
        script("find", "exec cat /dev/zero");
        // NULs are empty records; what bounds them is how much may be listed.
        assertThat(collect("a"))
                .asInstanceOf(InstanceOfAssertFactories.type(Refused.class))
                .extracting(Refused::reason, InstanceOfAssertFactories.STRING)
                .contains("lists more than");
        script("find", "printf 'f./../canary\\0'");
        assertThat(collect("**")).isEqualTo(refused("artifact ../canary has '..' in its name"));
    }

    @Test
    void aGuestThatHangsIsNotWaitedForBeyondTheDeadline() throws Exception {
        write("a", "fine");
        script("tar", "cat > /dev/null; exec sleep 600");
        var collector = new ArtifactCollector();
        assertThat(collector.collect(REAL.session(), order("a"), Deadline.in(Duration.ofMillis(300))))
                .isEqualTo(new Refused(
                        Fault.DEADLINE, "artifacts were not collected: tar did not end in time", List.of()));
        assertThat(output).doesNotExist();
    }

    @Test
    void anOutputDirectoryThatBecomesAFileMeanwhileIsAFault() throws Exception {
        write("a", "fine");
        Files.writeString(output, "mine");
        assertThat(collect("a"))
                .asInstanceOf(InstanceOfAssertFactories.type(Refused.class))
                .satisfies(refused -> {
                    assertThat(refused.fault()).isEqualTo(Fault.HOST);
                    assertThat(refused.reason()).startsWith("artifacts cannot be written to " + output + ": ");
                });
        assertThat(output).hasContent("mine");
        Files.delete(output);
        assertThat(collect("a")).isInstanceOf(Collected.class);
    }

    private ArtifactReport collect(String... globs) throws InterruptedException {
        return new ArtifactCollector().collect(REAL.session(), order(globs), soon());
    }

    private ArtifactOrder order(String... globs) {
        return new ArtifactOrder(
                Stream.of(globs).map(ArtifactGlob::parse).toList(),
                workspace.toString(),
                "root",
                Map.of("PATH", programs + ":/usr/bin:/bin", "LC_ALL", "C.UTF-8"),
                output,
                "");
    }

    private static Refused refused(String reason) {
        return new Refused(Fault.ARTIFACTS, reason, List.of());
    }

    private void write(String name, String content) throws IOException {
        Path file = workspace.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private void script(String name, String text) throws IOException {
        Path script = Files.writeString(programs.resolve(name), "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private List<String> tree() throws IOException {
        try (Stream<Path> all = Files.walk(output)) {
            return all.filter(path -> !Files.isDirectory(path) || path.toFile().list().length == 0)
                    .map(path -> output.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(30));
    }
}
