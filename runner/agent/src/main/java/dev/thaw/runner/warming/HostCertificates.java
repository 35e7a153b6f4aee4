package dev.thaw.runner.warming;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.template.Digests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The certificate authorities that the host's administrator trusts beyond Debian's, as PEM. Guests get them, too, so
 * that a build that works on the host works in a guest. Set {@code RUNNER_HOST_CA=none} to leave them out.
 *
 * @param pem all certificates, one after the other; empty if there are none
 */
public record HostCertificates(String pem) {
    private static final Path ADDED = Path.of("/usr/local/share/ca-certificates");

    /** Reads them as the setting says: {@code none}, or a directory, or nothing for Debian's own place. */
    public static HostCertificates read(String setting) throws RunnerException {
        Path directory = setting.isEmpty() ? ADDED : Path.of(setting);
        if (setting.equals("none") || !Files.isDirectory(directory)) {
            return new HostCertificates("");
        }
        var pem = new StringBuilder();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".crt"))
                    .sorted()
                    .toList()) {
                pem.append(Files.readString(file).strip()).append('\n');
            }
        } catch (IOException e) {
            throw new RunnerException(
                    Fault.HOST, "cannot read the certificates in " + directory + ": " + e.getMessage(), e);
        }
        return new HostCertificates(pem.toString());
    }

    /** What of them stands in a template's key. */
    public String digest() {
        return pem.isEmpty() ? "none" : Digests.sha256(pem);
    }
}
