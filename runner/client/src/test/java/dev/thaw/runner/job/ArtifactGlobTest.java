package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArtifactGlobTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "a.txt | a.txt | sub/a.txt",
                "./a//b/ | a/b | a",
                "*.txt | a.txt | sub/a.txt",
                "*.txt | .txt | a.txt2",
                "**/*.txt | a.txt | a.text",
                "**/*.txt | x/y/z/a.txt | x/y/z/a",
                "**/a/**/b | a/b | a/c",
                "**/a/**/b | x/a/y/z/b | x/y/z/b",
                "**/a/b | a/a/b | a/c/b",
                "target/** | target/x/y | target",
                "target | target/x/y | targets/x",
                "target/*/out | target/a/out/deep | target/a/b/out",
                "x/** | x/.hidden/y | y/x",
                "a?c | abc | ac",
                "a?c | a\u00fcc | abbc",
                "a?c | a\ud83d\ude00c | a/c",
                "a[bc]d | acd | aed",
                "a[!bc]d | aed | acd",
                "a[^bc]d | aed | abd",
                "a[0-9a-f]d | a7d | agd",
                "a[]x]d | a]d | aad",
                "a[b-]d | a-d | acd",
                "{a,b/c}/*.x | b/c/1.x | b/1.x",
                "{a,{b,c}d}e | cde | de",
                "a{,.gz} | a | agz",
                "a{,.gz} | a.gz | a.",
                "a\\*b | a*b | axb",
                "a\\{b\\}\\[c | a{b}[c | ab",
                "a*b*c*d | axbxcxd | axbxcx",
                "*a*b | xaxbxab | xbxa",
                ".gitignore | .gitignore | .git",
                "\u00fcber/* | \u00fcber/x | uber/x",
            })
    void itMeansThisAndNotThat(String glob, String matched, String unmatched) {
        ArtifactGlob parsed = ArtifactGlob.parse(glob);
        assertThat(parsed.matches(matched)).as(matched).isTrue();
        assertThat(parsed.matches(unmatched)).as(unmatched).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "^^ | an artifact glob must not be empty",
                "^ ^ | an artifact glob must not be empty",
                "/etc/passwd | artifact glob /etc/passwd is absolute; write it relative to /workspace",
                "{a,/b} | artifact glob {a,/b} is absolute; write it relative to /workspace",
                "../a | artifact glob ../a has '..'; artifacts are files below /workspace",
                "a/{b,..}/c | artifact glob a/{b,..}/c has '..'; artifacts are files below /workspace",
                "a/\\.\\. | artifact glob a/\\.\\. has '..'; artifacts are files below /workspace",
                ".git/config | artifact glob .git/config names .git, which never comes back from a build",
                "a/.GIT | artifact glob a/.GIT names .git, which never comes back from a build",
                ". | artifact glob . names no file; for all of the workspace write **",
                "a[b | artifact glob a[b has a '[' that nothing closes",
                "a[b/c] | artifact glob a[b/c] has a '[' that nothing closes",
                "a{b | artifact glob a{b has a '{' that nothing closes",
                "a\\ | artifact glob a\\ has a '\\' before nothing",
                "[z-a] | artifact glob [z-a] has a range that runs backwards: z-a",
                "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b} | artifact glob {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b} stands for"
                        + " more than 64 patterns; write fewer braces",
            })
    void whatMakesNoSenseIsRefused(String glob, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ArtifactGlob.parse(glob))
                .withMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\0b", "a\nb", "\u0007"})
    void controlCharactersAreRefused(String glob) {
        assertThatIllegalArgumentException().isThrownBy(() -> ArtifactGlob.parse(glob));
    }

    @Test
    void theRootsAreWhereMatchesCanBe() {
        assertThat(ArtifactGlob.parse("{a/b/*.x,c/d,**/e,a/[x]/y}").roots()).containsExactly("", "a", "a/b", "c/d");
    }

    @Test
    @Timeout(10)
    void aPatternThatMeansHarmTakesNoLonger() {
        String stars = "a*".repeat(400) + "b";
        assertThat(ArtifactGlob.parse(stars).matches("a".repeat(2000))).isFalse();
        String depths = "**/a/".repeat(150) + "b";
        assertThat(ArtifactGlob.parse(depths).matches("a/".repeat(1000) + "c")).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> ArtifactGlob.parse("{a,".repeat(300)));
    }
}
