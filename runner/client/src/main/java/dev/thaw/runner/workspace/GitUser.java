package dev.thaw.runner.workspace;

import java.nio.file.Path;
import java.util.List;

/** Where git keeps what belongs to the machine and to its user: ignore rules of theirs count as well. */
record GitUser(Path home, Path configHome, Path system) {
    /** Who runs this JVM. */
    static GitUser current() {
        Path home = Path.of(System.getenv().getOrDefault("HOME", System.getProperty("user.home")));
        String xdg = System.getenv().getOrDefault("XDG_CONFIG_HOME", "");
        Path configHome = xdg.isEmpty() ? home.resolve(".config") : Path.of(xdg);
        return new GitUser(home, configHome, Path.of("/etc/gitconfig"));
    }

    /** The configuration files, the later of which win. */
    List<Path> configs() {
        return List.of(system, configHome.resolve("git/config"), home.resolve(".gitconfig"));
    }

    /** The ignore rules that count when no configuration names others. */
    Path defaultExcludes() {
        return configHome.resolve("git/ignore");
    }
}
