package dev.thaw.runner.template;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The digest of everything a snapshot depends on. Two machines with equal keys are the same machine up to the instant
 * of the snapshot; anything else must not be restored into one another.
 *
 * @param inputs what the digest is made of, in the order it is made; each value without a line break
 */
public record TemplateKey(Map<String, String> inputs) {
    /** What every key is made of, so that none can be forgotten. The order is part of the format. */
    static final List<String> NAMES = List.of(
            "guest_protocol",
            "name",
            "recipe",
            "qemu",
            "machine",
            "accelerator",
            "cpu",
            "host_cpu",
            "tsc_khz",
            "cpus",
            "memory",
            "disk",
            "kernel",
            "initramfs",
            "rootfs",
            "guestd",
            "images",
            "command_line",
            "host_ca");

    public TemplateKey {
        if (!List.copyOf(inputs.keySet()).equals(NAMES)) {
            throw new IllegalArgumentException("a template key is made of " + NAMES + ", got: " + inputs.keySet());
        }
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    }

    /** 64 hexadecimal digits: SHA-256 over lines {@code name=value}. */
    public String digest() {
        return Digests.sha256(inputs.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining("\n")));
    }

    /** The first twelve digits, for people. */
    public static String shortened(String digest) {
        return digest.substring(0, Math.min(12, digest.length()));
    }
}
