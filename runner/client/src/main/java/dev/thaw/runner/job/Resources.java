package dev.thaw.runner.job;

import org.jspecify.annotations.Nullable;

/** How much of the host a job asks for. What is absent is the template's default. */
public record Resources(
        @Nullable Integer cpus,
        @Nullable ByteSize memory,
        @Nullable ByteSize disk) {
    /** The fewest CPUs a job can ask for. */
    public static final int MIN_CPUS = 1;
    /** The most CPUs a job can ask for. */
    public static final int MAX_CPUS = 64;
    /** Everything as the template has it. */
    public static final Resources UNSPECIFIED = new Resources(null, null, null);

    private static final ByteSize MIN_MEMORY = new ByteSize(256L << 20);
    private static final ByteSize MAX_MEMORY = new ByteSize(1L << 40);
    private static final ByteSize MIN_DISK = new ByteSize(1L << 30);
    private static final ByteSize MAX_DISK = new ByteSize(16L << 40);

    public Resources {
        if (cpus != null && (cpus < MIN_CPUS || cpus > MAX_CPUS)) {
            throw new IllegalArgumentException("cpus must be " + MIN_CPUS + " to " + MAX_CPUS + ", got: " + cpus);
        }
        if (memory != null) {
            checkMemory(memory);
        }
        if (disk != null) {
            checkDisk(disk);
        }
    }

    /** These resources, with what {@code wish} names in place of what stands here. */
    public Resources overriddenBy(Resources wish) {
        return new Resources(
                wish.cpus == null ? cpus : wish.cpus,
                wish.memory == null ? memory : wish.memory,
                wish.disk == null ? disk : wish.disk);
    }

    static ByteSize checkMemory(ByteSize memory) {
        return checkRange("memory", memory, MIN_MEMORY, MAX_MEMORY);
    }

    static ByteSize checkDisk(ByteSize disk) {
        return checkRange("disk", disk, MIN_DISK, MAX_DISK);
    }

    private static ByteSize checkRange(String what, ByteSize size, ByteSize min, ByteSize max) {
        if (size.compareTo(min) < 0 || size.compareTo(max) > 0) {
            throw new IllegalArgumentException(what + " must be " + min + " to " + max + ", got: " + size);
        }
        return size;
    }
}
