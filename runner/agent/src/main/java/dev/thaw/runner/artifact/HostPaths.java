package dev.thaw.runner.artifact;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.net.URI;
import java.nio.file.Path;
import java.util.HexFormat;

/** Names of bytes as the JVM's paths, whatever its locale is. */
final class HostPaths {
    private final Path directory;

    /** Paths below a directory. */
    HostPaths(Path directory) {
        this.directory = directory;
    }

    /** Where a name lies; the empty one is the directory itself. */
    Path of(String bytes) {
        return directory.resolve(relative(bytes));
    }

    /** The name as a relative path; doubled and trailing slashes are lost. */
    static Path relative(String bytes) {
        if (ArtifactName.isAscii(bytes)) {
            return Path.of(bytes);
        }
        // Path.of(String) takes only what the locale can write. A URI takes any byte.
        Path absolute = Path.of(URI.create("file:///" + escaped(bytes)));
        return absolute.subpath(0, absolute.getNameCount());
    }

    private static String escaped(String bytes) {
        var escaped = new StringBuilder(bytes.length() * 3);
        for (byte b : bytes.getBytes(ISO_8859_1)) {
            if (b == '/') {
                escaped.append('/');
            } else {
                escaped.append('%').append(HexFormat.of().toHexDigits(b));
            }
        }
        return escaped.toString();
    }
}
