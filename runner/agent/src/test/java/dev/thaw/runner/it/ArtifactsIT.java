package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactsIT {
    @TempDir
    Path work = Path.of("");

    private final Runner runner = Runner.shared();

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
    }

    @Test
    void aRedBuildGivesItsReportsAndStaysRed() throws Exception {
        Files.writeString(work.resolve("thaw.yaml"), """
                artifacts: ["target/**", "nothing/*.xml"]
                steps:
                  - run: |
                      mkdir -p target/sub target/empty
                      echo report > target/sub/report.xml
                      touch -d 2001-02-03T04:05:06Z target/sub/report.xml
                      printf '#!/bin/sh' > target/tool
                      chmod 0751 target/tool
                      chmod u+s target/tool
                      ln -s sub/report.xml target/link
                      ln target/sub/report.xml target/second-name
                      touch "target/$(printf 'n\\344me')"
                      mkfifo target/fifo
                      echo not asked for > other
                      exit 3
                """);

        var ended = runner.run(work, "exec", "--json").expect(3);

        assertThat(ended.err().lines().toList())
                .hasSize(3)
                .contains(
                        "runner: artifacts: nothing matches nothing/*.xml",
                        "runner: artifacts: artifact target/fifo is left out: no file, directory or link");
        JsonNode result = new JsonMapper()
                .readTree(ended.err().lines().reduce((first, last) -> last).orElseThrow());
        assertThat(result.path("exit_code").asInt()).isEqualTo(3);
        assertThat(result.path("artifacts").path("count").asInt()).isEqualTo(6);
        assertThat(result.path("artifacts").path("bytes").asInt()).isEqualTo(23);
        double collected = result.path("timings").path("collected").asDouble();
        assertThat(collected)
                .isBetween(
                        result.path("timings").path("exited").asDouble(),
                        result.path("timings").path("discarded").asDouble());
        Path target = work.resolve("thaw-artifacts/target");
        assertThat(target.resolve("sub/report.xml")).hasContent("report\n");
        assertThat(Files.getLastModifiedTime(target.resolve("sub/report.xml")))
                .isEqualTo(FileTime.from(Instant.parse("2001-02-03T04:05:06Z")));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("tool"))))
                .isEqualTo("rwxr-x--x");
        assertThat((int) Files.getAttribute(target.resolve("tool"), "unix:mode") & 07000)
                .isZero();
        assertThat(Files.readSymbolicLink(target.resolve("link"))).isEqualTo(Path.of("sub/report.xml"));
        assertThat(target.resolve("second-name")).hasContent("report\n");
        assertThat(target.resolve("empty")).isEmptyDirectory();
        try (Stream<Path> all = Files.list(target)) {
            assertThat(all).hasSize(6);
        }
        assertThat(work.resolve("thaw-artifacts/other")).doesNotExist();
    }

    @Test
    void aGuestWhoseTarLiesGetsNothingOntoTheHost() throws Exception {
        Path canary = Files.writeString(work.resolve("canary"), "alive");
        Path tree = Files.createDirectory(work.resolve("tree"));
        Files.write(tree.resolve("hostile.tar"), archive("report", "../canary"));
        Files.write(tree.resolve("linking.tar"), archive("report -> ..", "report/canary"));
        Files.write(tree.resolve("honest.tar"), archive("report"));
        // As root in the guest, which a build may become: tar is whatever the build says.
        String replace = """
                printf '#!/bin/sh\\ncat > /dev/null; exec cat /workspace/%s.tar\\n' "$0" > tar
                sudo install -m 0755 tar /usr/bin/tar
                echo fine > report
                """;

        var hostile = exec(tree, "report", replace, "hostile").expect(125);
        assertThat(hostile.err()).isEqualTo("runner: artifacts: artifact ../canary has '..' in its name\n");
        assertThat(work.resolve("out")).doesNotExist();
        exec(tree, "report", replace, "linking").expect(125);
        assertThat(work.resolve("out")).doesNotExist();
        assertThat(canary).hasContent("alive");

        // The control: by the same way an honest archive comes.
        exec(tree, "report", replace, "honest").expect(0);
        assertThat(work.resolve("out/report")).hasContent("sent by the guest's tar");
    }

    @Test
    void anOutputDirectoryThatBecomesFullHoldsNothingHalfWritten() throws Exception {
        Path out = Files.createDirectory(work.resolve("out"));
        // A file system of 1 MiB that only this process tree sees.
        var command = new ArrayList<>(List.of("bwrap", "--dev-bind", "/", "/", "--size", "1048576", "--tmpfs"));
        command.addAll(List.of(out.toString(), "sh", "-c", "\"$@\"; echo code $?; ls -A " + out, "sh"));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", Runner.JAR.toString()));
        command.addAll(List.of("exec", "--artifact", "data*", "--out", out.toString(), "--", "sh", "-c"));
        var tooMuch = finished(command, "echo small > data1; head -c 4M /dev/urandom > data2");
        assertThat(tooMuch.out()).isEqualTo("code 125\n");
        assertThat(tooMuch.err())
                .startsWith("runner: no space: artifacts cannot be written to " + out)
                .contains("No space left on device")
                .hasLineCount(1);
        // The control: what fits comes.
        assertThat(finished(command, "echo small > data1").out()).isEqualTo("code 0\ndata1\n");
    }

    private Runner.Ended finished(List<String> command, String script) throws Exception {
        var words = new ArrayList<>(command);
        words.add(script);
        var builder = new ProcessBuilder(words).directory(work.toFile());
        builder.environment().put("RUNNER_HOME", Runner.HOME.toString());
        builder.environment()
                .putIfAbsent("RUNNER_IMAGES", Runner.ROOT.resolve("vm-images").toString());
        return Runner.finish(builder.start(), "");
    }

    private Runner.Ended exec(Path tree, String glob, String script, String argument) throws Exception {
        String out = work.resolve("out").toString();
        return runner.run(tree, "exec", "--artifact", glob, "--out", out, "--", "sh", "-e", "-c", script, argument);
    }

    /** Files of these names, or links where there is an arrow. */
    private static byte[] archive(String... names) throws IOException {
        var bytes = new java.io.ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(bytes)) {
            for (String name : names) {
                String[] sides = name.split(" -> ", 2);
                boolean link = sides.length == 2;
                var entry =
                        new TarArchiveEntry(sides[0], link ? TarConstants.LF_SYMLINK : TarConstants.LF_NORMAL, true);
                byte[] content = "sent by the guest's tar".getBytes(StandardCharsets.UTF_8);
                entry.setSize(link ? 0 : content.length);
                entry.setLinkName(link ? sides[1] : "");
                tar.putArchiveEntry(entry);
                tar.write(content, 0, link ? 0 : content.length);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }
}
