package dev.thaw.runner.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a process holds open, by the kernel's own account; names are those of the process's own mount namespace.
 *
 * @param modes file to access mode: 0 to read, 1 to write, 2 for both; the wider one of several descriptors
 * @param maps {@code /proc/PID/maps}
 */
record OpenFiles(Map<String, Integer> modes, String maps) {
    static OpenFiles of(long pid) throws IOException {
        var modes = new TreeMap<String, Integer>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    modes.merge(
                            Files.readSymbolicLink(descriptor).toString(),
                            mode(pid, descriptor.getFileName().toString()),
                            Math::max);
                } catch (NoSuchFileException e) {
                    // Closed meanwhile.
                }
            }
        }
        return new OpenFiles(modes, Files.readString(Path.of("/proc/" + pid + "/maps")));
    }

    private static int mode(long pid, String descriptor) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/fdinfo/" + descriptor)).stream()
                .filter(line -> line.startsWith("flags:"))
                .mapToInt(line ->
                        Integer.parseInt(line.substring("flags:".length()).strip(), 8) & 3)
                .findFirst()
                .orElseThrow();
    }

    /** Those below a directory. */
    Map<String, Integer> below(String directory) {
        var found = new TreeMap<>(modes);
        found.keySet().removeIf(name -> !name.startsWith(directory + "/"));
        return found;
    }

    /** Whether a file is mapped so that a write reaches it. */
    boolean sharesForWriting(String file) {
        return maps.lines().anyMatch(line -> line.contains(" rw-s ") && line.endsWith(" " + file));
    }

    /** Whether a file is mapped at all. */
    boolean maps(String file) {
        return maps.lines().anyMatch(line -> line.endsWith(" " + file));
    }
}
