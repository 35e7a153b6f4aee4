package dev.thaw.runner.workspace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GitConfigCleanerTest {
    @Test
    void whatGitNeedsToKnowStays() throws IOException, ConfigInvalidException {
        Config config = cleaned("""
                [core]
                \trepositoryformatversion = 0
                \tfilemode = true
                \tbare = false
                \tlogallrefupdates
                \tworktree = ../../../lib
                [user]
                \tname = A
                \temail = a@example.org
                [remote "origin"]
                \turl = git@example.org:a/b.git
                \tfetch = +refs/heads/*:refs/remotes/origin/*
                \tfetch = +refs/tags/*:refs/tags/*
                [branch "Main"]
                \tremote = origin
                \tmerge = refs/heads/Main
                [extensions]
                \tobjectformat = sha1
                """);
        assertThat(config.getBoolean("core", "filemode", false)).isTrue();
        assertThat(config.getBoolean("core", "logallrefupdates", false)).isTrue();
        assertThat(config.getBoolean("core", "bare", true)).isFalse();
        assertThat(config.getString("core", null, "worktree")).isEqualTo("../../../lib");
        assertThat(config.getString("user", null, "email")).isEqualTo("a@example.org");
        assertThat(config.getString("remote", "origin", "url")).isEqualTo("git@example.org:a/b.git");
        assertThat(config.getStringList("remote", "origin", "fetch"))
                .containsExactly("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*");
        assertThat(config.getString("branch", "Main", "merge")).isEqualTo("refs/heads/Main");
        assertThat(config.getString("extensions", null, "objectformat")).isEqualTo("sha1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[http]\n\textraheader = AUTHORIZATION: basic CANARY",
                "[http \"https://example.org/\"]\n\textraHeader = AUTHORIZATION: basic CANARY",
                "[HTTP]EXTRAHEADER=CANARY",
                "[http]\n\textraheader = AUTHORIZATION: \\\n CANARY",
                "[http]\n\tcookieFile = /CANARY",
                "[credential]\n\thelper = store --file CANARY",
                "[credential \"https://CANARY@example.org\"]\n\tusername = x",
                "[include]\n\tpath = CANARY",
                "[includeIf \"gitdir:/x/\"]\n\tpath = CANARY",
                "[core]\n\thooksPath = CANARY",
                "[core]\n\tsshCommand = ssh -i CANARY",
                "[core]\n\taskPass = CANARY",
                "[core]\n\tfsmonitor = CANARY",
                "[core]\n\teditor = CANARY",
                "[core]\n\tpager = CANARY",
                "[core]\n\tgitProxy = CANARY",
                "[sequence]\n\teditor = CANARY",
                "[gpg]\n\tprogram = CANARY",
                "[alias]\n\tx = !CANARY",
                "[filter \"lfs\"]\n\tclean = CANARY",
                "[diff \"x\"]\n\ttextconv = CANARY",
                "[merge \"x\"]\n\tdriver = CANARY",
                "[submodule \"x\"]\n\tupdate = !CANARY",
                "[remote \"origin\"]\n\turl = https://CANARY@example.org/a",
                "[remote \"origin\"]\n\turl = https://user:CANARY@example.org/a",
                "[remote \"origin\"]\n\tpushurl = \"https://user:p@CANARY@example.org/a\"",
                "[remote \"origin\"]\n\tproxy = http://user:CANARY@example.org/",
                "[remote \"https://CANARY@example.org/a\"]\n\tfetch = x",
                "[submodule \"x\"]\n\turl = https://CANARY@example.org/a",
                "[url \"https://CANARY@example.org/\"]\n\tinsteadOf = https://example.org/",
                "[url \"https://example.org/\"]\n\tinsteadOf = https://CANARY@example.org/",
                "[branch \"main\"]\n\tremote = https://CANARY@example.org/a",
                "[lfs \"https://CANARY@example.org/\"]\n\taccess = basic",
                "# [http] extraheader = CANARY",
                "[core]\n\tbare = false # CANARY",
                "[mytool]\n\tapi = CANARY",
                "[sendemail]\n\tsmtppass = CANARY",
            })
    void secretsAndProgramsOfTheHostGo(String config) throws IOException {
        assertThat(clean(config + "\n")).doesNotContain("CANARY");
    }

    @Test
    void urlsKeepEverythingButTheirUserInformation() throws IOException, ConfigInvalidException {
        Config config = cleaned("[remote \"origin\"]\n\turl = https://u:p@example.org:8443/a/@b/c.git?x=1\n");
        assertThat(config.getString("remote", "origin", "url")).isEqualTo("https://example.org:8443/a/@b/c.git?x=1");
    }

    @Test
    void sectionsThatBecomeOneKeepTheValuesOfBoth() throws IOException, ConfigInvalidException {
        Config config = cleaned("""
                [url "https://a@example.org/"]
                \tinsteadOf = one:
                [url "https://b@example.org/"]
                \tinsteadOf = two:
                """);
        assertThat(config.getStringList("url", "https://example.org/", "insteadof"))
                .containsExactly("one:", "two:");
    }

    @Test
    void whatIsNoConfigurationIsRefused() {
        assertThatIOException()
                .isThrownBy(() -> clean("[remote \"origin\n"))
                .withMessage("it is no valid git configuration");
    }

    private static String clean(String config) throws IOException {
        return new String(GitConfigCleaner.clean(config.getBytes(UTF_8)), UTF_8);
    }

    private static Config cleaned(String text) throws IOException, ConfigInvalidException {
        var config = new Config();
        config.fromText(clean(text));
        return config;
    }
}
