package dev.thaw.runner.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.job.ArtifactGlob;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ListingTest {
    @Test
    void whatAGlobMatchesIsSelectedWhereverTheChunksEnd() throws Exception {
        String text = "f./target/a.xml\0f./target/b.txt\0l./target/c.xml\0d./target/empty.xml\0";
        for (int size = 1; size < 20; size++) {
            Listing listing = listing("", "target/*.xml");
            for (int at = 0; at < text.length(); at += size) {
                write(listing, text.substring(at, Math.min(text.length(), at + size)));
            }
            assertThat(listing.selected())
                    .extracting(ArtifactName::bytes)
                    .containsExactly("target/a.xml", "target/c.xml", "target/empty.xml");
        }
    }

    @Test
    void globsThatMatchNothingAndKindsThatCannotComeAreTold() throws Exception {
        Listing listing = listing("", "a/**", "b/**", "c");
        write(listing, "f./a/x\0p./a/fifo\0s./a/so\ncket\0d.\0");
        assertThat(listing.selected()).extracting(ArtifactName::bytes).containsExactly("a/x");
        assertThat(listing.notes())
                .containsExactly(
                        "nothing matches b/**",
                        "nothing matches c",
                        "artifact a/fifo is left out: no file, directory or link",
                        "artifact a/so?cket is left out: no file, directory or link");
    }

    @Test
    void theOutputDirectoryOfAnEarlierJobIsLeftOut() throws Exception {
        Listing listing = listing("thaw-artifacts/", "**");
        write(listing, "f./x\0f./thaw-artifacts/x\0f./thaw-artifacts-of-mine/x\0");
        assertThat(listing.selected()).extracting(ArtifactName::bytes).containsExactly("x", "thaw-artifacts-of-mine/x");
    }

    @Test
    void eachPlaceIsLookedThroughOnce() {
        assertThat(listing("", "a/b/*", "a/b/c/*.x", "d/e", "-x/*").command())
                .containsSequence("find", "./-x", "./a/b", "./d/e", "-iname", ".git", "-prune");
        assertThat(listing("", "a/*", "**/x").command()).containsSequence("find", ".", "-iname");
        var many = Stream.iterate(0, i -> i + 1)
                .limit(10)
                .map(i -> "{a,b,c,d,e,f,g,h}" + i + "/{1,2,3,4,5,6,7,8}/*")
                .toArray(String[]::new);
        assertThat(listing("", many).command()).containsSequence("find", ".", "-iname");
    }

    @Test
    void aNameThatLeadsAwayIsRefused() {
        for (String name : List.of("../x", "a/../../x", "/etc/passwd", "a//b", "GIT~1/config", "n".repeat(300))) {
            Listing listing = listing("", "**");
            assertThatThrownBy(() -> write(listing, "f./honest\0f./" + name + "\0"))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(listing::check).isInstanceOf(ArtifactRefusedException.class);
        }
    }

    @Test
    void aListThatDoesNotEndIsRefused() {
        Listing lines = listing("", "nothing");
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1000; i++) {
                        write(lines, "f./" + "x".repeat(100) + "\0");
                    }
                })
                .hasMessageContaining("lists more than 10000 bytes");
        Listing name = listing("", "nothing");
        assertThatThrownBy(() -> write(name, "f./" + "x".repeat(9000))).hasMessageContaining("a name of more than");
        Listing matches = listing("", "**");
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 20; i++) {
                        write(matches, "f./x" + i + "\0");
                    }
                })
                .hasMessageContaining("match more than 10 artifacts");
    }

    private static Listing listing(String leftOut, String... globs) {
        return new Listing(
                Stream.of(globs).map(ArtifactGlob::parse).toList(),
                leftOut,
                new ArtifactLimits(10, 1000, 1000, 1000, 10_000));
    }

    private static void write(Listing listing, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        listing.write(bytes, 0, bytes.length);
    }
}
