package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
    private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @CsvSource({
        "busybox, busybox, latest",
        "debian:trixie-slim, debian, trixie-slim",
        "library/debian:13, library/debian, 13",
        "localhost/a, localhost/a, latest",
        "localhost:5000/a, localhost:5000/a, latest",
        "Registry.Example:5000/team/my_tool__a-b--c.d:V_1.2-x, Registry.Example:5000/team/my_tool__a-b--c.d, V_1.2-x",
        "[2001:db8::1]:5000/a, [2001:db8::1]:5000/a, latest",
    })
    void aNameHasARegistryAPathAndATag(String text, String name, String version) {
        assertThat(ImageReference.parse(text)).isEqualTo(new ImageReference(name, version, text));
    }

    @Test
    void aDigestSaysMoreThanATag() {
        assertThat(ImageReference.parse("a/b@" + DIGEST).version()).isEqualTo(DIGEST);
        assertThat(ImageReference.parse("a/b:1@" + DIGEST).version()).isEqualTo(DIGEST);
        assertThat(ImageReference.parse("a/b:1@" + DIGEST).name()).isEqualTo("a/b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "Debian",
                "a b",
                "a:",
                ":a",
                "a/",
                "/a",
                "a//b",
                "-a",
                "--privileged",
                "a:-b",
                "a..b",
                "a___b",
                "a@sha256:12",
                "a@b",
                "../a",
                "a?b",
                "a#b",
                "http://a/b",
                "a\nb",
                "a:b:c",
                "é",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
            })
    void whatDockerWouldNotReadAsANameIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageReference.parse(text))
                .withMessageStartingWith("image must be the name of a container image")
                .withMessageEndingWith("got: " + text);
    }

    @Test
    void nameAndTagHaveLimits() {
        assertThat(ImageReference.parse("a".repeat(255) + ":" + "b".repeat(128)).version())
                .hasSize(128);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageReference.parse("a".repeat(256)))
                .withMessageStartingWith("image must have a name of at most 255 characters, got: aaa");
        assertThatIllegalArgumentException().isThrownBy(() -> ImageReference.parse("a:" + "b".repeat(129)));
        assertThatIllegalArgumentException().isThrownBy(() -> ImageReference.parse("a/".repeat(100_000)));
    }
}
