package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GitAddressTest {
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    @Test
    void anAddressIsARepositoryAndARevision() {
        assertThat(GitAddress.parse("https://git.invalid/a/b.git#v1"))
                .isEqualTo(new GitAddress("https://git.invalid/a/b.git", "v1"));
        assertThat(GitAddress.parse("file:///srv/a")).isEqualTo(new GitAddress("file:///srv/a", "HEAD"));
        assertThat(GitAddress.parse("http://127.0.0.1:9418/@scope/a#refs/pull/7/head"))
                .hasToString("http://127.0.0.1:9418/@scope/a#refs/pull/7/head");
        assertThat(new GitAddress("http://git.invalid/a", COMMIT).pinned()).isTrue();
        assertThat(new GitAddress("http://git.invalid/a", "0123456").pinned()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"main", "feature/x-1", "refs/heads/main", "1.0", "größer", "a@b", COMMIT})
    void whatGitTakesForANameIsARevision(String revision) {
        assertThat(new GitAddress("https://git.invalid/a", revision).revision()).isEqualTo(revision);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "-x", "a b", "a\n", "a..b", "HEAD~1", "HEAD^", "a:b", "*", "a@{1}", "@", "/a", "a/", "a.lock",
                "a\\b", "a.", "a/.b"
            })
    void anythingElseIsRefused(String revision) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GitAddress("https://git.invalid/a", revision))
                .withMessageContaining("a git revision must be a branch, a tag or all digits of a commit");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ssh://git.invalid/a             | over ssh needs a key, and the runner takes none; use https",
                "git.invalid:a/b                 | must begin with https://, http:// or file:///, got",
                "ext::sh -c true                 | must be one, got: ext::sh",
                "ext::true                       | must begin with https://",
                "/srv/a                          | must begin with https://",
                "--upload-pack=true              | must begin with https://",
                "git://git.invalid/a             | must begin with https://",
                "ftp://git.invalid/a             | must begin with https://",
                "file://host/a                   | needs no host and the path of a repository",
                "https:///a                      | needs a host and the path of a repository",
                "https://git.invalid             | needs a host and the path of a repository",
                "https://git.invalid/a?b=c       | must have no query, got: https://git.invalid/a?...",
            })
    void urlsOfOtherKindsAreRefusedWithWhatToDo(String url, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GitAddress.parse(url))
                .withMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://CANARY@git.invalid/a",
                "https://x:CANARY@git.invalid/a",
                "http://x:CANARY@a_b/a",
                "ssh://CANARY@git.invalid/a",
                "git://:CANARY@git.invalid/a",
                "file://CANARY@host/a"
            })
    void credentialsAreRefusedAndNotRepeated(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GitAddress.parse(url))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("CANARY"));
    }
}
