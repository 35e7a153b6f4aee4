package dev.thaw.runner.admission;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the host's kernel says of its memory. */
public final class HostMemory {
    private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable:\\s+(\\d+) kB");

    private final Path meminfo;

    public HostMemory() {
        this(Path.of("/proc/meminfo"));
    }

    HostMemory(Path meminfo) {
        this.meminfo = meminfo;
    }

    /** Bytes that programs can still have without others losing theirs; empty if the kernel does not say. */
    public OptionalLong available() throws IOException {
        Matcher available = AVAILABLE.matcher(Files.readString(meminfo));
        return available.find() ? OptionalLong.of(Long.parseLong(available.group(1)) * 1024) : OptionalLong.empty();
    }
}
