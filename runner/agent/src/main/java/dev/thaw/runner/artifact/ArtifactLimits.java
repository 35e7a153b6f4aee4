package dev.thaw.runner.artifact;

/**
 * How much one job may bring back.
 *
 * @param entries files, links and directories, those on the way to a file included
 * @param nameBytes all their names together: the host holds them in memory
 * @param fileBytes one file, holes included
 * @param totalBytes all files together
 * @param listingBytes what the guest may list to find them
 */
record ArtifactLimits(int entries, long nameBytes, long fileBytes, long totalBytes, long listingBytes) {
    static final ArtifactLimits DEFAULT = new ArtifactLimits(100_000, 16L << 20, 8L << 30, 16L << 30, 256L << 20);

    /** One name between slashes, as on every Linux file system. */
    static final int NAME_BYTES = 255;
    /** A whole name, and where a link points to. */
    static final int PATH_BYTES = 2048;
    /** Directories in directories. */
    static final int DEPTH = 64;
    /** What an archive may say about one entry: header, long name, padding. */
    static final int METADATA_BYTES = 64 << 10;
}
