package dev.thaw.runner.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import dev.thaw.runner.job.GitAddress;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against git's own server on loopback. */
class GitFetchTest {
    private static final Deadline SOON = Deadline.in(Duration.ofMinutes(1));

    private final Path served;
    private final Path fetched;
    private final Path project;
    private final ServedRepositories server;
    private String first = "";
    private String second = "";

    GitFetchTest(@TempDir Path directory) throws Exception {
        served = Files.createDirectory(directory.resolve("served"));
        fetched = Files.createDirectory(directory.resolve("fetched"));
        project = Files.createDirectory(served.resolve("project"));
        server = new ServedRepositories(served);
    }

    @BeforeEach
    void makeProject() throws Exception {
        Tool.git(project, "init", "-q", "-b", "main");
        Files.writeString(project.resolve("a"), "one\n");
        first = commit("first");
        Tool.git(project, "tag", "-a", "-m", "x", "v1");
        Files.writeString(project.resolve("a"), "two\n");
        Files.writeString(project.resolve("run"), "#!/bin/sh\n");
        project.resolve("run").toFile().setExecutable(true);
        Files.createSymbolicLink(project.resolve("link"), Path.of("../outside"));
        second = commit("second");
        Tool.git(project, "branch", "feature/x", first);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void aBranchATagACommitAndHeadAreFetchedWithoutHistory() throws Exception {
        for (String url : new String[] {server.url("project"), "file://" + project}) {
            assertThat(fetch(url, "head").commit()).isEqualTo(second);
            assertThat(fetch(url + "#main", "main").commit()).isEqualTo(second);
            assertThat(fetch(url + "#feature/x", "branch").commit()).isEqualTo(first);
            assertThat(fetch(url + "#refs/heads/feature/x", "full").commit()).isEqualTo(first);
            assertThat(fetch(url + "#v1", "tag").commit()).isEqualTo(first);
            assertThat(fetch(url + "#" + first, "commit").commit()).isEqualTo(first);
            Path head = fetched.resolve("head");
            assertThat(Files.readString(head.resolve("a"))).isEqualTo("two\n");
            assertThat(Files.isExecutable(head.resolve("run"))).isTrue();
            assertThat(Files.readSymbolicLink(head.resolve("link"))).isEqualTo(Path.of("../outside"));
            assertThat(Files.readString(fetched.resolve("tag/a"))).isEqualTo("one\n");
            assertThat(Tool.git(head, "status", "--porcelain", "--branch")).isEqualTo("## HEAD (no branch)\n");
            assertThat(Tool.git(head, "log", "--format=%s")).isEqualTo("second\n");
            assertThat(Tool.git(head, "remote", "-v")).contains(url + " (fetch)");
            Tool.git(head, "fsck", "--full");
            deleteFetched();
        }
    }

    @Test
    void credentialsAreShownToTheServerThatAsksForThemAndToNoOther() throws Exception {
        server.require("ann", "geheim");
        var known = Optional.of(new GitCredentials("ann", "geheim"));
        var address = GitAddress.parse(server.url("project") + "#main");
        assertThatThrownBy(() -> new GitFetch(address, SOON).into(Files.createDirectory(fetched.resolve("without"))))
                .hasMessageContaining("the server wants credentials");
        Path with = Files.createDirectory(fetched.resolve("with"));
        assertThat(new GitFetch(address, known, SOON).into(with).commit()).isEqualTo(second);
        assertThat(server.shown()).isNotEmpty();
        try (var files = Files.walk(with)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).doesNotContain("geheim");
            }
        }

        try (var other = new ServedRepositories(served)) {
            other.redirectTo(server);
            var elsewhere = GitAddress.parse(other.url("project") + "#main");
            int before = server.shown().size();
            assertThatThrownBy(() ->
                            new GitFetch(elsewhere, known, SOON).into(Files.createDirectory(fetched.resolve("other"))))
                    .isInstanceOf(RunnerException.class)
                    .hasMessageNotContaining("geheim");
            assertThat(server.shown()).hasSize(before);
        }
    }

    @Test
    void aCommitThatNoBranchHasAnyMoreIsStillFetchedWhereTheServerGivesIt() throws Exception {
        Tool.git(project, "tag", "-d", "v1");
        Tool.git(project, "branch", "-D", "feature/x");
        assertThat(fetch(server.url("project") + "#" + first, "a").commit()).isEqualTo(first);
        assertThat(fetch("file://" + project + "#" + first, "b").commit()).isEqualTo(first);
    }

    @Test
    void whatCannotBeHadIsALineThatSaysWhy() throws Exception {
        String url = server.url("project");
        refused(
                url + "#nope",
                "cannot fetch " + url + "#nope: it has no nope; name a branch, a tag or all digits of a commit");
        refused(
                url + "#" + "0".repeat(40),
                "cannot fetch " + url + "#" + "0".repeat(40) + ": the server does not give commit " + "0".repeat(40));
        String local = "file://" + project + "#" + "0".repeat(40);
        refused(local, "cannot fetch " + local + ": the server does not give commit " + "0".repeat(40));
        refused(
                server.url("other"),
                "cannot fetch " + server.url("other")
                        + "#HEAD: there is no git repository, or none without credentials");
        String none = "file://" + served.resolve("none");
        refused(none, "cannot fetch " + none + "#HEAD: there is no git repository, or none without credentials");
        Tool.git(project, "branch", "v1");
        refused(
                url + "#v1",
                "cannot fetch " + url
                        + "#v1: both a branch and a tag are called v1; say refs/heads/v1 or refs/tags/v1");
        String blob = Tool.git(project, "rev-parse", "HEAD:a").strip();
        Tool.git(project, "tag", "text", blob);
        refused(url + "#text", "cannot fetch " + url + "#text: it is no commit");
        Path empty = Files.createDirectory(served.resolve("empty"));
        Tool.git(empty, "init", "-q", "-b", "main");
        refused(
                server.url("empty"),
                "cannot fetch " + server.url("empty")
                        + "#HEAD: it has no HEAD; name a branch, a tag or all digits of a commit");
        try (var closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = closed.getLocalPort();
            closed.close();
            refused(
                    "http://127.0.0.1:" + port + "/a",
                    "cannot fetch http://127.0.0.1:" + port + "/a#HEAD: Connection refused 127.0.0.1");
        }
    }

    @Test
    void aServerThatSaysNothingIsNotWaitedForPastTheDeadline() throws Exception {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var address = GitAddress.parse("http://127.0.0.1:" + silent.getLocalPort() + "/a");
            assertThatThrownBy(() -> new GitFetch(address, Deadline.in(Duration.ofSeconds(1))).into(fetched))
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.DEADLINE))
                    .hasMessage("cannot fetch " + address + ": it did not end in time");
        }
    }

    @Test
    void nothingOfTheRepositoryIsExecutedAndNothingOfItsFiltersApplied() throws Exception {
        Path canary = served.resolve("executed");
        String touch = "touch " + canary;
        Files.writeString(project.resolve(".gitattributes"), "* filter=evil\n*.bin filter=lfs\n*.id ident\n");
        Files.writeString(project.resolve(".gitconfig"), "[filter \"evil\"]\n\tsmudge = " + touch + "\n");
        String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0".repeat(64) + "\nsize 7\n";
        Files.writeString(project.resolve("large.bin"), pointer);
        Files.createDirectories(project.resolve("hooks"));
        Files.writeString(project.resolve("hooks/post-checkout"), "#!/bin/sh\n" + touch + "\n");
        project.resolve("hooks/post-checkout").toFile().setExecutable(true);
        commit("third");
        // The control, in a clone of git's own that was told to: this is what must not happen.
        Path told = Files.createDirectory(served.resolve("told"));
        Tool.git(told, "clone", "-q", "-c", "filter.evil.smudge=" + touch + "; cat", project.toString(), ".");
        assertThat(canary).exists();
        Files.delete(canary);
        // The repository that is read has a configuration of its own, too.
        Tool.git(project, "config", "filter.evil.smudge", touch + "; cat");
        Tool.git(project, "config", "core.fsmonitor", touch);
        Tool.git(project, "config", "core.hooksPath", project.resolve("hooks").toString());
        Tool.git(project, "config", "uploadpack.packObjectsHook", touch);

        fetch("file://" + project, "local");
        fetch(server.url("project"), "served");

        assertThat(canary).doesNotExist();
        for (String name : new String[] {"local", "served"}) {
            assertThat(Files.readString(fetched.resolve(name).resolve("large.bin")))
                    .isEqualTo(pointer);
            assertThat(fetched.resolve(name).resolve(".git/hooks"))
                    .satisfiesAnyOf(
                            hooks -> assertThat(hooks).doesNotExist(),
                            hooks -> assertThat(hooks).isEmptyDirectory());
        }
    }

    @Test
    void submodulesStayEmptyAndAreNamed() throws Exception {
        Path lib = Files.createDirectory(served.resolve("lib"));
        Tool.git(lib, "clone", "-q", project.toString(), ".");
        Tool.git(project, "submodule", "--quiet", "add", server.url("lib"), "deps/lib");
        commit("with submodule");
        GitFetch.Fetched result = fetch(server.url("project"), "a");
        assertThat(result.notes()).containsExactly("submodules are not fetched and stay empty: deps/lib");
        assertThat(fetched.resolve("a/deps/lib")).isEmptyDirectory();
    }

    @Test
    void aTreeThatWouldBeWrittenThroughALinkOrIntoGitIsRefused() throws Exception {
        Path outside = Files.createDirectory(served.resolve("outside"));
        String blob = Tool.git(project, "rev-parse", "HEAD:a").strip();
        for (String tree : new String[] {
            // A link and a directory of the same name, and what is below it.
            treeOf("120000 blob " + linkTo(outside) + "\tx\n040000 tree " + treeOf("100644 blob " + blob + "\tin\n")
                    + "\tx\n"),
            treeOf("040000 tree " + treeOf("100755 blob " + blob + "\tpost-checkout\n") + "\t.git\n"),
            treeOf("040000 tree " + treeOf("100644 blob " + blob + "\tin\n") + "\t..\n"),
        }) {
            String commit = Tool.git(project, "commit-tree", "-m", "evil", tree).strip();
            Tool.git(project, "update-ref", "refs/heads/evil", commit);
            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() -> fetch(server.url("project") + "#evil", "evil-" + commit))
                    .withMessageMatching(".*(duplicate entry names|invalid name '\\.(git|\\.)').*")
                    .satisfies(e -> assertThat(e.fault()).isEqualTo(Fault.WORKSPACE));
            assertThat(outside).isEmptyDirectory();
            assertThat(fetched.resolve("in")).doesNotExist();
        }
    }

    private String treeOf(String lines) throws Exception {
        Path input = Files.writeString(served.resolve("tree"), lines);
        return Tool.run(project, input.toFile(), java.util.List.of("git", "mktree"))
                .strip();
    }

    private String linkTo(Path target) throws Exception {
        Path input = Files.writeString(served.resolve("target"), target.toString());
        return Tool.git(project, "hash-object", "-w", input.toString()).strip();
    }

    private void refused(String address, String message) throws Exception {
        Path directory = Files.createTempDirectory(fetched, "refused");
        assertThatExceptionOfType(RunnerException.class)
                .isThrownBy(() -> new GitFetch(GitAddress.parse(address), limit()).into(directory))
                .withMessage(message)
                .satisfies(e -> assertThat(e.fault()).isEqualTo(Fault.WORKSPACE));
    }

    private GitFetch.Fetched fetch(String address, String name) throws Exception {
        return new GitFetch(GitAddress.parse(address), limit()).into(Files.createDirectory(fetched.resolve(name)));
    }

    private static Deadline limit() {
        return Deadline.in(Duration.ofMinutes(1));
    }

    private String commit(String message) throws Exception {
        Tool.git(project, "add", "-A");
        Tool.git(project, "commit", "-q", "-m", message);
        return Tool.git(project, "rev-parse", "HEAD").strip();
    }

    private void deleteFetched() throws Exception {
        try (var files = Files.walk(fetched)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                if (!file.equals(fetched)) {
                    assertThat(Files.exists(file, LinkOption.NOFOLLOW_LINKS)).isTrue();
                    Files.delete(file);
                }
            }
        }
    }
}
