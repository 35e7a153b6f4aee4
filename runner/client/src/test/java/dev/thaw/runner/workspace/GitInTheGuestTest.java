package dev.thaw.runner.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.thaw.runner.fault.RunnerException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether git works where an archive was unpacked, when nothing of the host is there any more. */
class GitInTheGuestTest {
    @TempDir
    private Path host = Path.of("");

    @TempDir
    private Path guest = Path.of("");

    private Path main = Path.of("");

    @BeforeEach
    void makeRepository() throws Exception {
        main = Files.createDirectory(host.resolve("main"));
        Tool.git(main, "init", "-q", "-b", "main");
        Files.writeString(main.resolve("a"), "one\n");
        Tool.git(main, "add", "a");
        Tool.git(main, "commit", "-q", "-m", "first");
        Tool.git(main, "tag", "v1");
    }

    @Test
    void aLinkedWorkTreeBringsItsRepository() throws Exception {
        Path linked = host.resolve("linked");
        Tool.git(main, "worktree", "add", "-q", "-b", "feature", linked.toString());
        Files.writeString(linked.resolve("a"), "two\n");
        Files.writeString(linked.resolve("b"), "new\n");
        Tool.git(linked, "add", "b");
        Files.writeString(main.resolve("a"), "not this one's\n");
        Tool.git(main, "add", "a");

        PackedWorkspace packed = pack(linked);

        assertThat(packed.notes()).isEmpty();
        assertThat(Tool.git(guest, "status", "--porcelain", "--branch")).isEqualTo("## feature\n M a\nA  b\n");
        assertThat(Tool.git(guest, "log", "--format=%s %D")).contains("first").contains("tag: v1");
        Tool.git(guest, "fsck", "--full");
        assertThat(guest.resolve(".git/worktrees")).doesNotExist();
    }

    @Test
    void aLinkedWorkTreeOfABareRepositoryIsNotBare() throws Exception {
        Path bare = host.resolve("bare.git");
        Tool.git(host, "clone", "-q", "--bare", main.toString(), bare.toString());
        Tool.git(
                bare,
                "worktree",
                "add",
                "-q",
                "-b",
                "feature",
                host.resolve("linked").toString());
        pack(host.resolve("linked"));
        assertThat(Tool.git(guest, "status", "--porcelain", "--branch")).isEqualTo("## feature\n");
    }

    @Test
    void submodulesWorkInsideTheirProjectAndAlone() throws Exception {
        Path project = projectWithSubmodule();
        Path inside = Files.createDirectory(guest.resolve("project"));
        Path alone = Files.createDirectory(guest.resolve("alone"));
        Tool.packAndUnpack(project, inside);
        Tool.packAndUnpack(project.resolve("lib/sub"), alone);
        hide();

        assertThat(Tool.git(inside, "status", "--porcelain")).isEmpty();
        assertThat(Tool.git(inside, "submodule", "status")).contains("lib/sub (v1)");
        assertThat(Tool.git(inside.resolve("lib/sub"), "status", "--porcelain")).isEmpty();
        assertThat(Tool.git(alone, "status", "--porcelain")).isEmpty();
        assertThat(Tool.git(alone, "log", "--format=%s")).isEqualTo("first\n");
    }

    @Test
    void aSubmoduleOfALinkedWorkTreeWorksToo() throws Exception {
        Path project = projectWithSubmodule();
        Path linked = host.resolve("linked");
        Tool.git(project, "worktree", "add", "-q", "-b", "feature", linked.toString());
        Tool.git(linked, "submodule", "--quiet", "update", "--init");
        pack(linked);
        assertThat(Tool.git(guest, "status", "--porcelain")).isEmpty();
        assertThat(Tool.git(guest.resolve("lib/sub"), "log", "--format=%s")).isEqualTo("first\n");
    }

    @Test
    void absoluteNamesInsideTheTreeAreMadeRelative() throws Exception {
        Tool.git(
                main,
                "worktree",
                "add",
                "-q",
                "-b",
                "feature",
                main.resolve("inner").toString());
        Tool.git(main, "config", "core.worktree", main.toString());
        pack(main);
        assertThat(Files.readString(guest.resolve("inner/.git"))).isEqualTo("gitdir: ../.git/worktrees/inner\n");
        assertThat(Tool.git(guest, "status", "--porcelain")).isEqualTo("?? inner/\n");
        assertThat(Tool.git(guest.resolve("inner"), "status", "--porcelain", "--branch"))
                .isEqualTo("## feature\n");
    }

    @Test
    void borrowedObjectsGoAlong() throws Exception {
        Path lender = host.resolve("lender");
        Tool.git(host, "clone", "-q", "--shared", main.toString(), lender.toString());
        Tool.git(main, "gc", "-q");
        Path shared = host.resolve("shared");
        Tool.git(host, "clone", "-q", "--shared", lender.toString(), shared.toString());
        Files.writeString(main.resolve(".git/objects/secret"), "CANARY");

        PackedWorkspace packed = pack(shared);

        Tool.git(guest, "fsck", "--full");
        assertThat(Tool.git(guest, "status", "--porcelain")).isEmpty();
        assertThat(guest.resolve(".git/objects/info/alternates")).doesNotExist();
        assertThat(guest.resolve(".git/objects/secret")).doesNotExist();
        assertThat(packed.notes()).hasSize(2).allMatch(note -> note.startsWith(".git/objects borrows objects of /"));
    }

    @Test
    void objectsThatAreBorrowedFromNowhereAreAFault() throws Exception {
        Path shared = host.resolve("shared");
        Tool.git(host, "clone", "-q", "--shared", main.toString(), shared.toString());
        hideMain();
        assertThatExceptionOfType(RunnerException.class)
                .isThrownBy(() -> PackedTar.of(shared))
                .withMessageContaining("objects/info/alternates")
                .withMessageContaining("clone without --shared");
    }

    @Test
    void aRepositoryThatDoesNotKnowTheTreeStaysBehind() throws Exception {
        // As somebody would do who made an archive for others to unpack, to have a repository of theirs go along.
        Path tree = Files.createDirectory(host.resolve("tree"));
        Files.writeString(tree.resolve(".git"), "gitdir: " + main.resolve(".git") + "\n");
        PackedWorkspace packed = pack(tree);
        assertThat(guest.resolve(".git")).isRegularFile();
        assertThat(packed.notes()).singleElement().asString().contains("does not know this directory");
    }

    @Test
    void shallowSparseAndPartialClonesStayWhatTheyAre() throws Exception {
        Files.createDirectory(main.resolve("dir"));
        Files.writeString(main.resolve("dir/b"), "b\n");
        Tool.git(main, "add", "dir");
        Tool.git(main, "commit", "-q", "-m", "second");
        Tool.git(main, "config", "uploadpack.allowFilter", "true");
        Path clone = host.resolve("clone");
        Tool.git(
                host, "clone", "-q", "--depth=1", "--sparse", "--filter=blob:none", "file://" + main, clone.toString());
        assertThat(clone.resolve("dir")).doesNotExist();
        pack(clone);
        assertThat(Tool.git(guest, "rev-parse", "--is-shallow-repository")).isEqualTo("true\n");
        assertThat(Tool.git(guest, "status", "--porcelain")).isEmpty();
        assertThat(Tool.git(guest, "log", "--format=%s")).isEqualTo("second\n");
        assertThat(Tool.git(guest, "sparse-checkout", "list")).isEmpty();
    }

    @Test
    void pointersOfLargeFilesStayPointers() throws Exception {
        String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0".repeat(64) + "\nsize 7\n";
        Files.writeString(main.resolve(".gitattributes"), "*.bin filter=lfs\n");
        Files.writeString(main.resolve("large.bin"), pointer);
        Files.createDirectories(main.resolve(".git/lfs/objects/00"));
        Files.writeString(main.resolve(".git/lfs/objects/00/x"), "content");
        Files.createDirectories(main.resolve(".git/lfs/logs"));
        Files.writeString(main.resolve(".git/lfs/logs/x"), "CANARY");
        pack(main);
        assertThat(Files.readString(guest.resolve("large.bin"))).isEqualTo(pointer);
        assertThat(guest.resolve(".git/lfs/objects/00/x")).exists();
        assertThat(guest.resolve(".git/lfs/logs")).doesNotExist();
    }

    @Test
    void tenLevelsOfRepositoriesHaveTheirOwnRulesEach() throws Exception {
        Path level = main;
        for (int i = 0; i < 10; i++) {
            Files.writeString(level.resolve(".gitignore"), "*." + i + "\n");
            Files.writeString(level.resolve("x." + i), "ignored");
            Files.writeString(level.resolve("x." + (i + 1)), "not ignored");
            level = Files.createDirectory(level.resolve("level"));
            Tool.git(level, "init", "-q");
        }
        pack(main);
        level = guest;
        for (int i = 0; i < 10; i++) {
            assertThat(level.resolve("x." + i)).doesNotExist();
            assertThat(level.resolve("x." + (i + 1))).exists();
            assertThat(level.resolve(".git/HEAD")).exists();
            level = level.resolve("level");
        }
    }

    @Test
    void noTokenOfTheHostIsAnywhereInTheArchive() throws Exception {
        Path project = projectWithSubmodule();
        String url = "https://x-access-token:CANARY@git.invalid/a/b";
        String basic = "AUTHORIZATION: basic CANARY";
        for (Path repository : new Path[] {project, project.resolve("lib/sub")}) {
            Tool.git(repository, "config", "http.https://git.invalid/.extraheader", basic);
            Tool.git(repository, "config", "--add", "includeIf.gitdir:" + project + "/.git.path", "/run/CANARY.config");
            Tool.git(repository, "config", "include.path", "/run/CANARY.config");
            Tool.git(repository, "config", "credential.helper", "!echo CANARY");
            Tool.git(repository, "remote", "add", "x", url);
            Tool.git(repository, "config", "url." + url + ".insteadOf", "https://git.invalid/");
            Tool.git(repository, "config", "submodule.lib/sub.url", url);
            Tool.git(repository, "config", "extensions.worktreeConfig", "true");
            Tool.git(repository, "config", "--worktree", "http.extraheader", basic);
            Path own = Path.of(
                    Tool.git(repository, "rev-parse", "--absolute-git-dir").strip());
            Files.writeString(own.resolve("FETCH_HEAD"), "0\t\tbranch 'main' of " + url + "\n");
            Files.writeString(own.resolve("logs/HEAD"), "0 0 a <a> 0 +0000\tclone: from " + url + "\n");
            Files.writeString(own.resolve("objects/info/http-alternates"), url + "\n");
            Files.createDirectories(own.resolve("git-crypt/keys"));
            Files.writeString(own.resolve("git-crypt/keys/default"), "CANARY");
            Files.writeString(own.resolve("hooks/pre-commit"), "CANARY");
            Files.writeString(own.resolve("config.save.1"), "CANARY");
        }
        Tool.git(project, "clone", "-q", "--bare", main.toString(), "mirror.git");
        Tool.git(project.resolve("mirror.git"), "remote", "add", "x", url);
        Path linked = host.resolve("linked");
        Tool.git(project, "worktree", "add", "-q", "-b", "feature", linked.toString());

        for (Path directory : new Path[] {project, project.resolve("lib/sub"), linked}) {
            assertThat(archive(directory)).contains("git.invalid/a/b").doesNotContain("CANARY");
            // The control: it is found where it is the project's own.
            Files.writeString(directory.resolve("ordinary"), "CANARY");
            assertThat(archive(directory)).contains("CANARY");
            Files.delete(directory.resolve("ordinary"));
        }
    }

    private static String archive(Path directory) throws Exception {
        var out = new java.io.ByteArrayOutputStream();
        new WorkspacePacker().pack(directory, out);
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private Path projectWithSubmodule() throws Exception {
        Path project = Files.createDirectory(host.resolve("project"));
        Tool.git(project, "init", "-q", "-b", "main");
        Tool.git(project, "submodule", "--quiet", "add", main.toString(), "lib/sub");
        Tool.git(project, "commit", "-q", "-m", "with submodule");
        return project;
    }

    private PackedWorkspace pack(Path directory) throws Exception {
        PackedWorkspace packed = Tool.packAndUnpack(directory, guest);
        hide();
        return packed;
    }

    private void hide() throws Exception {
        Files.move(host, host.resolveSibling(host.getFileName() + "-hidden"));
        Files.createDirectory(host);
        // For the clean-up of the test, which knows the old name.
        Files.move(host.resolveSibling(host.getFileName() + "-hidden"), host.resolve("hidden"));
    }

    private void hideMain() throws Exception {
        Files.move(main, host.resolve("hidden"));
    }
}
