package dev.thaw.runner.workspace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GitIndexTest {
    private static final int EXTENDED = 0x4000;

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @CsvSource({"2, 20", "2, 32", "3, 20", "3, 32", "4, 20", "4, 32"})
    void everyVersionIsReadWithEitherLengthOfIds(int version, int hashBytes) throws Exception {
        var index = new IndexBytes(version, hashBytes, "a", "dir-x", "dir/a", "dir/b/c", "z".repeat(300), "ü");

        GitIndex read = index.read("TREE");

        assertThat(read.tracks(new RawPath("dir/a"))).isTrue();
        assertThat(read.tracks(new RawPath("z".repeat(300)))).isTrue();
        assertThat(read.tracks(new RawPath("\u00c3\u00bc"))).isTrue();
        assertThat(read.tracks(new RawPath("dir"))).isFalse();
        assertThat(read.tracksWithin(new RawPath("dir"))).isTrue();
        assertThat(read.tracksWithin(new RawPath("dir/b"))).isTrue();
        assertThat(read.tracksWithin(new RawPath("di"))).isFalse();
        assertThat(read.tracksWithin(new RawPath("dir/c"))).isFalse();
    }

    @Test
    void aSubmoduleIsTrackedAsADirectory() throws Exception {
        assertThat(new IndexBytes(2, 20, "sub").read("TREE").tracksWithin(new RawPath("sub")))
                .isTrue();
    }

    @Test
    void aRepositoryWithoutAnIndexTracksNothing() throws RunnerException {
        GitIndex index = GitIndex.read(directory.resolve("index"), 20);
        assertThat(index.tracks(new RawPath("a"))).isFalse();
        assertThat(index.tracksWithin(new RawPath("a"))).isFalse();
    }

    @Test
    void aSplitIndexIsRefusedAndTheMessageSaysHowToJoinIt() {
        assertThatExceptionOfType(RunnerException.class)
                .isThrownBy(() -> new IndexBytes(2, 20, "a").read("link"))
                .withMessage("cannot read git's index " + directory.resolve("index")
                        + ": it is split; join it with: git update-index --no-split-index")
                .satisfies(e -> assertThat(e.fault()).isEqualTo(Fault.WORKSPACE));
    }

    @Test
    void anIndexThatIsCutOffIsRefused() throws IOException {
        byte[] whole = new IndexBytes(2, 20, "a", "b").bytes("TREE");
        for (int length : new int[] {0, 3, 11, 40, 90}) {
            Path file = Files.write(directory.resolve("index"), Arrays.copyOf(whole, length));
            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() -> GitIndex.read(file, 20))
                    .withMessageStartingWith("cannot read git's index " + file + ": ");
        }
    }

    /** An index as gitformat-index(5) describes it. */
    private final class IndexBytes {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream out = new DataOutputStream(bytes);
        private final int version;
        private final int hashBytes;
        private final String[] names;

        IndexBytes(int version, int hashBytes, String... names) {
            this.version = version;
            this.hashBytes = hashBytes;
            this.names = names;
        }

        GitIndex read(String extension) throws IOException, RunnerException {
            return GitIndex.read(Files.write(directory.resolve("index"), bytes(extension)), hashBytes);
        }

        byte[] bytes(String extension) throws IOException {
            out.writeBytes("DIRC");
            out.writeInt(version);
            out.writeInt(names.length);
            int previous = 0;
            for (String name : names) {
                entry(name.getBytes(UTF_8), previous);
                previous = name.getBytes(UTF_8).length;
            }
            out.writeBytes(extension);
            out.writeInt(5);
            out.write(new byte[5 + hashBytes]);
            return bytes.toByteArray();
        }

        private void entry(byte[] name, int previous) throws IOException {
            int start = out.size();
            out.write(new byte[40 + hashBytes]);
            out.writeShort(Math.min(name.length, 0xfff) | (version >= 3 ? EXTENDED : 0));
            out.write(new byte[version >= 3 ? 2 : 0]);
            if (version == 4) {
                // All of the name before is dropped; at most 300 bytes here, so two digits are enough.
                out.write(
                        previous < 128
                                ? new byte[] {(byte) previous}
                                : new byte[] {(byte) (0x80 | ((previous >> 7) - 1)), (byte) (previous & 0x7f)});
                out.write(name);
                out.write(0);
            } else {
                out.write(name);
                out.write(new byte[8 - (out.size() - start) % 8]);
            }
        }
    }
}
