package dev.thaw.runner.template;

import dev.thaw.runner.job.ByteSize;

/**
 * What of a machine a snapshot is bound to: a snapshot of two CPUs cannot be restored into four.
 *
 * @param cpus 1 to 64
 * @param memory 256 MiB or more, a whole number of MiB
 */
public record Size(int cpus, ByteSize memory) {
    private static final long MIB = 1L << 20;

    public Size {
        if (cpus < 1 || cpus > 64) {
            throw new IllegalArgumentException("cpus must be 1 to 64, got: " + cpus);
        }
        if (memory.bytes() < 256 * MIB || memory.bytes() % MIB != 0) {
            throw new IllegalArgumentException("memory must be 256MiB or more, in whole MiB, got: " + memory);
        }
    }

    /** Memory as QEMU is told it. */
    public String mebibytes() {
        return memory.bytes() / MIB + "M";
    }

    @Override
    public String toString() {
        return cpus + (cpus == 1 ? " CPU, " : " CPUs, ") + memory;
    }
}
