package dev.thaw.runner.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GitNamesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                ".git",
                ".GIT",
                ".Git",
                ".git ",
                ".git.",
                ".git . .",
                "git~1",
                "GIT~1",
                "GIT~1.",
                ".git::$INDEX_ALLOCATION",
                ".git:x",
                "a\\.git",
                ".git\\hooks",
                ".g\u00e2\u0080\u008cit",
                "\u00ef\u00bb\u00bf.git"
            })
    void whatAnyGitTakesForItsDirectoryIsDotGit(String name) {
        assertThat(GitNames.isDotGit(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {".gitignore", ".github", "git", "git~2", "x.git", ".git2", " .git", "\u00e9.git", "gitx~1"})
    void otherNamesAreNot(String name) {
        assertThat(GitNames.isDotGit(name)).isFalse();
    }
}
