package dev.thaw.runner.template;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A published snapshot. Nothing below its directory is ever written again.
 *
 * @param directory where its files lie; named after the key's digest
 * @param key digest of everything the snapshot depends on
 * @param name of the recipe
 * @param size CPUs and memory
 * @param created when it was published
 * @param inputs what the key was made of
 * @param machine QEMU's arguments for this very machine, without what differs between boot and restore
 * @param nonceSha256 digest of a number that exists in the snapshot's RAM and nowhere else
 * @param diskBytes size of the guest's disk
 * @param coldBootMillis how long the boot took until Docker answered
 * @param files name → what is known of the file
 */
public record Template(
        Path directory,
        String key,
        String name,
        Size size,
        Instant created,
        Map<String, String> inputs,
        List<String> machine,
        String nonceSha256,
        long diskBytes,
        long coldBootMillis,
        Map<String, FileStamp> files) {
    /** Guest RAM as it was at the snapshot. */
    public static final String MEMORY = "memory";
    /** State of the virtual devices. */
    public static final String STATE = "state";
    /** The disk below every overlay. */
    public static final String DISK = "disk.raw";
    /** An overlay nothing has been written to: what each job's disk is a copy of. */
    public static final String OVERLAY = "overlay.qcow2";
    /** Makes QEMU before 8.2 open the memory read-only. */
    public static final String SHIM = "readonly-memory.so";
    /** All files a template is made of, besides its manifest. */
    public static final List<String> FILES = List.of(MEMORY, STATE, DISK, OVERLAY, SHIM);

    public Template {
        inputs = Map.copyOf(inputs);
        machine = List.copyOf(machine);
        files = Map.copyOf(files);
    }

    /** The same snapshot for a machine that differs in what a snapshot does not depend on. */
    public Template withMachine(List<String> other) {
        return new Template(
                directory, key, name, size, created, inputs, other, nonceSha256, diskBytes, coldBootMillis, files);
    }

    /** One of {@link #FILES}. */
    public Path file(String name) {
        return directory.resolve(name);
    }

    /** What a guest of this template runs on: {@code kvm} or {@code tcg}. */
    public String accelerator() {
        return inputs.getOrDefault("accelerator", "");
    }
}
