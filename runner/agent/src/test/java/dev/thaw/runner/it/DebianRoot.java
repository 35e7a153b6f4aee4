package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A fresh Debian 13 in a directory of this host, without a guest around it, and source packages of the same Debian. */
final class DebianRoot {
    private static final String SUITE = "trixie";
    private static final long LIMIT_MINUTES = 10;

    private final Path root;

    private DebianRoot(Path root) {
        this.root = root;
    }

    /** With these programs, and the source packages fetched to {@code /src}. */
    static DebianRoot make(Path directory, List<String> packages, List<String> sources) throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        Path said = directory.resolve("said");
        // As whoever runs this, who can then delete it.
        var unpack = List.of("tar", "--extract", "--no-same-owner", "--exclude=./dev/*", "--directory=" + root);
        var pipeline = ProcessBuilder.startPipeline(Stream.of(mmdebstrap(packages, sources), unpack)
                .map(command -> new ProcessBuilder(command).redirectError(Redirect.appendTo(said.toFile())))
                .toList());
        try {
            for (Process process : pipeline) {
                assertThat(process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)).isTrue();
                assertThat(process.exitValue())
                        .describedAs(Files.readString(said))
                        .isZero();
            }
        } finally {
            pipeline.forEach(Process::destroy);
        }
        return new DebianRoot(root);
    }

    private static List<String> mmdebstrap(List<String> packages, List<String> sources) {
        var words = new ArrayList<>(List.of("mmdebstrap", "--quiet", "--variant=minbase", "--format=tar"));
        words.add("--aptopt=APT::Install-Recommends \"false\"");
        for (String unread : List.of("doc", "info", "locale", "man")) {
            words.add("--dpkgopt=path-exclude=/usr/share/" + unread + "/*");
        }
        words.add("--include=" + String.join(",", packages));
        // The apt of this hook has mmdebstrap's own configuration, lists and keys, and nothing of the host's lists.
        words.add("--customize-hook=mkdir \"$1/src\" \"$1/workspace\" && cd \"$1/src\""
                + " && APT_CONFIG=\"$MMDEBSTRAP_APT_CONFIG\" apt-get source --download-only >&2 "
                + String.join(" ", sources));
        words.addAll(List.of("--keyring=/usr/share/keyrings", SUITE, "-"));
        words.add("deb http://deb.debian.org/debian " + SUITE + " main");
        words.add("deb http://deb.debian.org/debian-security " + SUITE + "-security main");
        words.add("deb-src http://deb.debian.org/debian " + SUITE + " main");
        return words;
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
