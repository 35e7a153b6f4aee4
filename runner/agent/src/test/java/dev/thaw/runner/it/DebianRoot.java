package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.os.Subprocess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A fresh Debian 13 in a directory of this host, without a guest around it, and source packages of the same Debian. */
final class DebianRoot {
    private static final String SUITE = "trixie";
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Path root;

    private DebianRoot(Path root) {
        this.root = root;
    }

    /** With these programs, and the source packages fetched to {@code /src}. */
    static DebianRoot make(Path directory, List<String> packages, List<String> sources) throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        Path archive = directory.resolve("root.tar");
        // The apt of this hook has mmdebstrap's own configuration, lists and keys, and nothing of the host's lists.
        String fetch = "mkdir \"$1/src\" \"$1/workspace\" && cd \"$1/src\" && APT_CONFIG=\"$MMDEBSTRAP_APT_CONFIG\""
                + " apt-get source --download-only " + String.join(" ", sources);
        run(List.of(
                "mmdebstrap",
                "--quiet",
                "--variant=minbase",
                "--format=tar",
                "--aptopt=APT::Install-Recommends \"false\"",
                "--include=" + String.join(",", packages),
                "--customize-hook=" + fetch,
                "--keyring=/usr/share/keyrings",
                SUITE,
                archive.toString(),
                "deb http://deb.debian.org/debian " + SUITE + " main",
                "deb http://deb.debian.org/debian-security " + SUITE + "-security main",
                "deb-src http://deb.debian.org/debian " + SUITE + " main"));
        // As whoever runs this, who can then delete it.
        run(List.of(
                "tar",
                "--extract",
                "--no-same-owner",
                "--exclude=./dev/*",
                "--file=" + archive,
                "--directory=" + root));
        Files.delete(archive);
        return new DebianRoot(root);
    }

    private static void run(List<String> command) throws Exception {
        var ended = new Subprocess(Map.copyOf(System.getenv())).run(command, LIMIT);
        assertThat(ended.exitCode()).describedAs(ended.stderr()).isZero();
    }

    /** A script there, as an ordinary user and offline as in a guest, with this directory as {@code /workspace}. */
    Runner.Ended run(Path workspace, String script) throws Exception {
        var command = new ArrayList<>(List.of("bwrap", "--unshare-all", "--unshare-user", "--die-with-parent"));
        command.addAll(List.of("--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"));
        command.addAll(List.of("--ro-bind", root.toString(), "/", "--dev", "/dev", "--proc", "/proc"));
        command.addAll(List.of("--tmpfs", "/tmp", "--bind", workspace.toString(), "/workspace"));
        command.addAll(List.of("--clearenv", "--setenv", "HOME", "/tmp", "--setenv", "LANG", "C.UTF-8"));
        command.addAll(List.of("--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin", "--chdir", "/workspace"));
        command.addAll(List.of("sh", "-e", "-c", script));
        return Runner.finish(new ProcessBuilder(command).start(), "");
    }
}
