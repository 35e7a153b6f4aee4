package dev.thaw.runner.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.thaw.runner.fault.RunnerException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitWorkTreeTest {
    @TempDir
    private Path workspace = Path.of("");

    @TempDir
    private Path home = Path.of("");

    private GitFixture git = new GitFixture(workspace);

    @BeforeEach
    void makeRepository() throws GitAPIException {
        git = GitFixture.init(workspace);
    }

    @Test
    void whatGitIgnoresIsLeftOutAndWhatIsNewOrChangedGoesAlong() throws Exception {
        git.write(".gitignore", "*.o\n/target/\n!keep.o\n")
                .write("main.c", "old")
                .track("main.c")
                .commit();
        git.write("main.c", "new")
                .write("untracked.c", "x")
                .write("main.o", "x")
                .write("keep.o", "x");
        git.write("target/out", "x").write("src/target/out", "x").write("src/x.o", "x");

        PackedTar tar = PackedTar.of(workspace);

        assertThat(files(tar)).containsExactly(".gitignore", "keep.o", "main.c", "src/target/out", "untracked.c");
        assertThat(tar.content("main.c")).isEqualTo("new");
        assertThat(tar.packed().gitRules()).isTrue();
    }

    @Test
    void rulesOfInnerDirectoriesWinOverThoseFurtherOut() throws Exception {
        git.write(".gitignore", "*.log\n")
                .write("a.log", "x")
                .write("sub/a.log", "x")
                .write("sub/b.log", "x");
        git.write("sub/.gitignore", "!a.log\n/only-here\n")
                .write("sub/only-here", "x")
                .write("sub/deep/only-here", "x");
        assertThat(files(PackedTar.of(workspace)))
                .containsExactly(".gitignore", "sub/.gitignore", "sub/a.log", "sub/deep/only-here");
    }

    @Test
    void whatIsTrackedStaysInThoughItIsIgnored() throws Exception {
        git.write("build/tracked", "x").write("vendor/a/tracked.o", "x").write("lone.o", "x");
        git.track("build/tracked").track("vendor/a/tracked.o").track("lone.o");
        git.write(".gitignore", "*.o\nbuild/\n").write("build/other", "x").write("vendor/a/other.o", "x");
        assertThat(files(PackedTar.of(workspace)))
                .containsExactly(".gitignore", "build/tracked", "lone.o", "vendor/a/tracked.o");
    }

    @Test
    void nothingBelowAnIgnoredDirectoryIsBroughtBackByARule() throws Exception {
        git.write(".gitignore", "out/\n!out/keep\n").write("out/keep", "x").write("out/.gitignore", "!keep\n");
        assertThat(PackedTar.of(workspace).names()).contains(".gitignore").noneMatch(name -> name.startsWith("out"));
    }

    @Test
    void emptyDirectoriesThatAreNotIgnoredGoAlong() throws Exception {
        git.write(".gitignore", "target/\n");
        Files.createDirectories(workspace.resolve("logs"));
        Files.createDirectories(workspace.resolve("target"));
        assertThat(PackedTar.of(workspace).names()).contains("logs/").doesNotContain("target/");
    }

    @Test
    void rulesOfTheRepositoryAndOfTheUserCountToo() throws Exception {
        git.write(".git/info/exclude", "mine\n")
                .write("mine", "x")
                .write("theirs", "x")
                .write("a~", "x");
        git.write("global", "x");
        Files.writeString(home.resolve(".gitconfig"), "[include]\n\tpath = more\n");
        Files.writeString(home.resolve("more"), "[core]\n\texcludesFile = ~/excludes\n");
        Files.writeString(home.resolve("excludes"), "*~\n");
        Files.createDirectories(home.resolve("git"));
        Files.writeString(home.resolve("git/ignore"), "global\n");

        var configured = new GitUser(home, home, home.resolve("none"));
        assertThat(files(PackedTar.of(workspace, configured, StandardCharsets.UTF_8)))
                .containsExactly("global", "theirs");
        Files.delete(home.resolve(".gitconfig"));
        assertThat(files(PackedTar.of(workspace, configured, StandardCharsets.UTF_8)))
                .containsExactly("a~", "theirs");
    }

    @Test
    void aDirectoryBelowTheTopFollowsTheRulesAboveIt() throws Exception {
        git.write(".gitignore", "*.o\n/sub/local\n")
                .write("sub/a.o", "x")
                .write("sub/a.c", "x")
                .write("sub/local", "x");
        PackedTar tar = PackedTar.of(workspace.resolve("sub"));
        assertThat(tar.names()).containsExactly("a.c");
    }

    @Test
    void whoWorksInAnIgnoredDirectoryGetsAllOfIt() throws Exception {
        git.write(".gitignore", "*\n").write("project/src/main.c", "x");
        PackedTar tar = PackedTar.of(workspace.resolve("project"));
        assertThat(files(tar)).containsExactly("src/main.c");
        assertThat(tar.packed().gitRules()).isFalse();
    }

    @Test
    void aRepositoryInsideHasItsOwnRulesAndItsConfigurationIsCleanedToo() throws Exception {
        git.write(".gitignore", "*.o\n");
        GitFixture.init(workspace.resolve("lib"))
                .write("x.o", "x")
                .write("tracked.log", "x")
                .track("tracked.log")
                .write(".gitignore", "*.log\n")
                .write("other.log", "x")
                .write(".git/config", "[http]\n\textraheader = AUTHORIZATION: basic c2VjcmV0\n");
        PackedTar tar = PackedTar.of(workspace);
        assertThat(files(tar)).containsExactly(".gitignore", "lib/.gitignore", "lib/tracked.log", "lib/x.o");
        assertThat(tar.everything()).doesNotContain("c2VjcmV0");
    }

    @Test
    void aRepositoryBelowAPlainDirectoryHasItsRules() throws Exception {
        Path plain = Files.createDirectory(home.resolve("plain"));
        GitFixture.init(plain.resolve("checkout"))
                .write(".gitignore", "*.o\n")
                .write("a.o", "x")
                .write(".git/config", "[credential]\n\thelper = store\n");
        PackedTar tar = PackedTar.of(plain);
        assertThat(files(tar)).containsExactly("checkout/.gitignore");
        assertThat(tar.content("checkout/.git/config")).isEmpty();
        assertThat(tar.packed().gitRules()).isTrue();
    }

    @Test
    void aDirectoryThatIsOnlyCalledDotGitBringsNoRules() throws Exception {
        Path plain = Files.createDirectory(home.resolve("plain"));
        Files.createDirectory(plain.resolve(".git"));
        Files.writeString(plain.resolve(".gitignore"), "*.o\n");
        Files.writeString(plain.resolve("a.o"), "x");
        assertThat(PackedTar.of(plain).names()).containsExactly(".git/", ".gitignore", "a.o");
    }

    @Test
    void theRepositoryGoesAlongAndStillOpens(@TempDir Path copy) throws Exception {
        git.write("a", "x").track("a").commit();
        PackedTar.of(workspace).extractTo(copy);
        try (Git opened = Git.open(copy.toFile())) {
            assertThat(opened.log().call()).hasSize(1);
            assertThat(opened.status().call().isClean()).isTrue();
        }
    }

    @Test
    void hooksCredentialsAndCopiesOfTheConfigurationStayBehind() throws Exception {
        for (String name : List.of(
                "hooks/pre-commit",
                "credentials",
                "git-credentials",
                ".git-credentials-x",
                "config.bak",
                "config~",
                "config.lock",
                "index.lock",
                "modules/lib/hooks/x",
                "modules/lib/config.orig")) {
            git.write(".git/" + name, "c2VjcmV0");
        }
        git.write(".git/modules/lib/HEAD", "ref: refs/heads/main\n").write(".git/refs/heads/config", "0123\n");
        git.write(".git/modules/lib/config", "[remote \"origin\"]\n\turl = https://c2VjcmV0@example.org/lib\n");
        git.write(".git/modules/lib/modules/inner/HEAD", "ref: refs/heads/main\n");
        git.write(".git/modules/lib/modules/inner/config", "[http]\n\textraheader = c2VjcmV0\n");
        git.write(".git/worktrees/w/HEAD", "x")
                .write(".git/worktrees/w/config.worktree", "[http]\n\tcookiefile=c2VjcmV0\n");

        PackedTar tar = PackedTar.of(workspace);

        assertThat(tar.everything()).doesNotContain("c2VjcmV0");
        assertThat(tar.names()).noneMatch(name -> name.contains("hooks") || name.contains("credential"));
        assertThat(tar.content(".git/refs/heads/config")).isEqualTo("0123\n");
        assertThat(tar.content(".git/modules/lib/config")).contains("url = https://example.org/lib");
    }

    @Test
    void userInformationInLogsIsTakenOut() throws Exception {
        git.write(".git/logs/HEAD", "0 1 a <a@example.org> 0 +0000\tpull https://u:c2VjcmV0@example.org/x main\n");
        git.write(".git/FETCH_HEAD", "1\t\tbranch 'main' of https://c2VjcmV0@example.org/x\n");
        PackedTar tar = PackedTar.of(workspace);
        assertThat(tar.content(".git/logs/HEAD"))
                .isEqualTo("0 1 a <a@example.org> 0 +0000\tpull https://example.org/x main\n");
        assertThat(tar.everything()).doesNotContain("c2VjcmV0");
    }

    @Test
    void ignoreRulesNeverLeaveTheRepositoryOut() throws Exception {
        git.write(".gitignore", ".*\n");
        assertThat(PackedTar.of(workspace).names()).contains(".git/", ".git/HEAD");
    }

    @Test
    void aLinkedWorkTreeFollowsTheRulesOfItsRepository() throws Exception {
        git.write(".git/info/exclude", "*.o\n");
        git.write(".git/worktrees/w/HEAD", "ref: refs/heads/w\n").write(".git/worktrees/w/commondir", "../..\n");
        Path linked = Files.createDirectory(home.resolve("w"));
        Files.writeString(linked.resolve(".git"), "gitdir: " + workspace.resolve(".git/worktrees/w") + "\n");
        Files.writeString(linked.resolve("a.o"), "x");
        Files.writeString(linked.resolve("a.c"), "x");
        PackedTar tar = PackedTar.of(linked);
        assertThat(tar.names()).contains(".git", "a.c").doesNotContain("a.o");
        assertThat(tar.content(".git")).startsWith("gitdir: ");
    }

    @Test
    void aDamagedIndexIsAFaultThatNamesIt() throws Exception {
        git.write(".git/index", "garbage");
        assertThatExceptionOfType(RunnerException.class)
                .isThrownBy(() -> PackedTar.of(workspace))
                .withMessageStartingWith("cannot read git's index " + workspace.toRealPath() + "/.git/index: ");
    }

    private static List<String> files(PackedTar tar) {
        return tar.names().stream()
                .filter(name -> !name.endsWith("/") && !name.startsWith(".git/") && !name.contains("/.git/"))
                .toList();
    }
}
