package dev.thaw.runner.artifact;

/**
 * Where a symbolic link points to. It may lead down, and up as far as the root: wherever its directory is put, and
 * whatever other links there are, it then ends below the root. For that each step up must be taken from what is known to
 * be a real directory: the link's own, or one of the same archive. A {@code ..} behind a link, a file or a name that is
 * not there is refused, since what it means is up to whoever makes or changes that.
 */
final class LinkTarget {
    private final ArtifactName link;
    private final String target;
    private final EntryNames names;
    /** What was reached; a real directory as long as {@code real} says so. */
    private String at;

    private boolean real = true;

    private LinkTarget(ArtifactName link, String target, EntryNames names) {
        this.link = link;
        this.target = target;
        this.names = names;
        at = parent(link.bytes());
    }

    /** Takes the target of a link as it stands in an archive all of whose names are known. */
    static void check(ArtifactName link, String target, EntryNames names) throws ArtifactRefusedException {
        if (target.isEmpty() || target.length() > ArtifactLimits.PATH_BYTES) {
            throw new ArtifactRefusedException("link " + link + " has a target of " + target.length() + " bytes, 1 to "
                    + ArtifactLimits.PATH_BYTES + " are allowed");
        }
        if (target.chars().anyMatch(character -> character == 0 || character > 0xff)) {
            throw new ArtifactRefusedException(
                    "link " + link + " has a target with a NUL, or in a form that no file system has");
        }
        new LinkTarget(link, target, names).walk();
    }

    private void walk() throws ArtifactRefusedException {
        if (target.startsWith("/")) {
            throw refused("leads out of the artifacts");
        }
        for (String part : target.split("/", -1)) {
            if (part.equals("..")) {
                up();
            } else if (!part.isEmpty() && !part.equals(".")) {
                down(part);
            }
        }
    }

    private void up() throws ArtifactRefusedException {
        if (!real) {
            throw refused("goes up again behind what is no directory among the artifacts, and could lead out of them");
        }
        if (at.isEmpty()) {
            throw refused("leads out of the artifacts");
        }
        at = parent(at);
    }

    private void down(String part) throws ArtifactRefusedException {
        if (GitNames.isDotGit(part)) {
            throw refused("leads to what git takes for .git");
        }
        at = at.isEmpty() ? part : at + "/" + part;
        real = real && names.isDirectory(at);
    }

    private ArtifactRefusedException refused(String why) {
        return new ArtifactRefusedException("link " + link + " -> " + ArtifactName.printable(target) + " " + why);
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(path.lastIndexOf('/'), 0));
    }
}
