package dev.thaw.runner.admission;

import dev.thaw.runner.job.ByteSize;

/** Of the host: what a job takes while it runs, or what all jobs together may take. */
public record Demand(int cpus, ByteSize memory, ByteSize disk) {
    /** Nothing of it. */
    public static final Demand NONE = new Demand(0, new ByteSize(0), new ByteSize(0));

    /** Both together. */
    public Demand plus(Demand other) {
        return new Demand(
                cpus + other.cpus,
                new ByteSize(memory.bytes() + other.memory.bytes()),
                new ByteSize(disk.bytes() + other.disk.bytes()));
    }

    /** This without what is part of it. */
    public Demand minus(Demand part) {
        return new Demand(
                cpus - part.cpus,
                new ByteSize(memory.bytes() - part.memory.bytes()),
                new ByteSize(disk.bytes() - part.disk.bytes()));
    }

    /** Whether there is room for it in there, in each respect. */
    public boolean fits(Demand into) {
        return cpus <= into.cpus && memory.compareTo(into.memory) <= 0 && disk.compareTo(into.disk) <= 0;
    }

    @Override
    public String toString() {
        return cpus + (cpus == 1 ? " CPU, " : " CPUs, ") + memory + " memory, " + disk + " disk";
    }
}
