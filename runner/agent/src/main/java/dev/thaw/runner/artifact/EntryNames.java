package dev.thaw.runner.artifact;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The names that an archive has used, so that none is used twice: not even where case or accents make no difference. */
final class EntryNames {
    private final ArtifactLimits limits;
    private final Map<String, String> exactByFolded = new HashMap<>();
    private final Set<String> directories = new HashSet<>();
    private final Set<String> entries = new HashSet<>();
    private final Map<String, Set<String>> repositoryParts = new HashMap<>();
    private long bytes;

    EntryNames(ArtifactLimits limits) {
        this.limits = limits;
    }

    /** A file or a link of this name; the directories it is in come with it. */
    void addFile(ArtifactName name) throws ArtifactRefusedException {
        addParents(name);
        if (!entries.add(name.bytes()) || directories.contains(name.bytes())) {
            throw new ArtifactRefusedException("artifact " + name + " comes twice");
        }
        occupy(name.bytes());
    }

    /** A directory of this name; that files lie in it already is in order. */
    void addDirectory(ArtifactName name) throws ArtifactRefusedException {
        addParents(name);
        if (!entries.add(name.bytes())) {
            throw new ArtifactRefusedException("artifact " + name + " comes twice");
        }
        addDirectory(name.bytes());
    }

    /** Whether there is a real directory of this name, not a link to one; the empty name is the root. */
    boolean isDirectory(String path) {
        return path.isEmpty() || directories.contains(path);
    }

    /** Whether there is anything of this name. */
    boolean has(String path) {
        return directories.contains(path) || entries.contains(path);
    }

    private void addParents(ArtifactName name) throws ArtifactRefusedException {
        String path = name.bytes();
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            String parent = path.substring(0, slash);
            if (entries.contains(parent) && !directories.contains(parent)) {
                throw new ArtifactRefusedException(
                        "artifact " + name + " lies in " + ArtifactName.printable(parent) + ", which is no directory");
            }
            addDirectory(parent);
        }
    }

    private void addDirectory(String path) throws ArtifactRefusedException {
        if (directories.add(path)) {
            occupy(path);
        }
    }

    private void occupy(String path) throws ArtifactRefusedException {
        String other = exactByFolded.putIfAbsent(folded(path), path);
        if (other != null && !other.equals(path)) {
            throw new ArtifactRefusedException("artifacts " + ArtifactName.printable(other) + " and "
                    + ArtifactName.printable(path) + " have one name where case or accents make no difference");
        }
        bytes += path.length();
        if (exactByFolded.size() > limits.entries()) {
            throw new ArtifactRefusedException("there are more than " + limits.entries() + " artifacts");
        }
        if (bytes > limits.nameBytes()) {
            throw new ArtifactRefusedException(
                    "the names of the artifacts are longer than " + limits.nameBytes() + " bytes together");
        }
        checkRepository(path);
    }

    private void checkRepository(String path) throws ArtifactRefusedException {
        int slash = path.lastIndexOf('/');
        String name = path.substring(slash + 1).toLowerCase(Locale.ROOT);
        if (GitNames.isRepositoryPart(name)) {
            String parent = path.substring(0, Math.max(slash, 0));
            Set<String> parts = repositoryParts.computeIfAbsent(parent, unused -> new HashSet<>());
            parts.add(name);
            if (GitNames.isRepository(parts)) {
                throw repository(parent);
            }
        }
    }

    static ArtifactRefusedException repository(String directory) {
        return new ArtifactRefusedException(
                "artifacts " + (directory.isEmpty() ? "" : "in " + ArtifactName.printable(directory) + " ")
                        + "make a bare git repository, whose configuration git would follow; pack it into one file");
    }

    static String folded(String bytes) {
        if (ArtifactName.isAscii(bytes)) {
            return bytes.toLowerCase(Locale.ROOT);
        }
        String text = ArtifactName.text(bytes);
        // A name that is not UTF-8 has no case; its bytes must not be made equal to those of another.
        return text.indexOf('\ufffd') >= 0
                ? "\0" + bytes
                : Normalizer.normalize(text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT), Normalizer.Form.NFD);
    }
}
