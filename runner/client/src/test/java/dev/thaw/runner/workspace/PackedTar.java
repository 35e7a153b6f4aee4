package dev.thaw.runner.workspace;

import dev.thaw.runner.fault.RunnerException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** A directory that was packed, and its archive read back. */
final class PackedTar {
    private final PackedWorkspace packed;
    private final Map<String, TarArchiveEntry> entries = new LinkedHashMap<>();
    private final Map<String, byte[]> contents = new LinkedHashMap<>();

    private PackedTar(PackedWorkspace packed) {
        this.packed = packed;
    }

    /** Packs for a user who has no git configuration. */
    static PackedTar of(Path directory) throws RunnerException, IOException {
        Path nowhere = directory.resolve("no-such-home");
        return of(directory, new GitUser(nowhere, nowhere, nowhere), StandardCharsets.UTF_8);
    }

    static PackedTar of(Path directory, GitUser user, Charset names) throws RunnerException, IOException {
        var out = new ByteArrayOutputStream();
        var tar = new PackedTar(new WorkspacePacker(user).pack(directory, out));
        tar.read(out.toByteArray(), names);
        return tar;
    }

    PackedWorkspace packed() {
        return packed;
    }

    Set<String> names() {
        return entries.keySet();
    }

    TarArchiveEntry entry(String name) {
        return Objects.requireNonNull(entries.get(name), () -> name + " is not in " + entries.keySet());
    }

    String content(String name) {
        entry(name);
        return new String(Objects.requireNonNull(contents.get(name)), StandardCharsets.UTF_8);
    }

    /** Everything in the archive as one text, to look for what must not be in it. */
    String everything() {
        var all = new StringBuilder();
        contents.forEach((name, content) ->
                all.append(name).append('\n').append(new String(content, StandardCharsets.ISO_8859_1)));
        return all.toString();
    }

    /** Lays regular files and directories out again. */
    void extractTo(Path directory) throws IOException {
        for (var entry : entries.values()) {
            Path file = directory.resolve(entry.getName());
            if (entry.isDirectory()) {
                Files.createDirectories(file);
            } else {
                Files.write(file, Objects.requireNonNull(contents.get(entry.getName())));
                Files.setLastModifiedTime(file, entry.getLastModifiedTime());
            }
        }
    }

    private void read(byte[] archive, Charset names) throws IOException {
        try (var in = new TarArchiveInputStream(new ByteArrayInputStream(archive), names.name())) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), entry);
                contents.put(entry.getName(), in.readAllBytes());
            }
        }
    }
}
