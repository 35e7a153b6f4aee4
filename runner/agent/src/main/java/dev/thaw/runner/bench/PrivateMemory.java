package dev.thaw.runner.bench;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Memory that a process and its descendants hold and no other process shares: {@code Private_*} of smaps_rollup. */
final class PrivateMemory {
    private static final Pattern PRIVATE = Pattern.compile("(?m)^Private_(?:Clean|Dirty):\\s+(\\d+) kB");

    private PrivateMemory() {}

    static double mebibytes(ProcessHandle root) throws RunnerException {
        long kibibytes = 0;
        List<ProcessHandle> tree =
                Stream.concat(Stream.of(root), root.descendants()).toList();
        for (ProcessHandle process : tree) {
            try {
                Matcher matcher =
                        PRIVATE.matcher(Files.readString(Path.of("/proc/" + process.pid() + "/smaps_rollup")));
                while (matcher.find()) {
                    kibibytes += Long.parseLong(matcher.group(1));
                }
            } catch (IOException e) {
                throw new RunnerException(Fault.HOST, "cannot read the memory of a guest: " + e.getMessage(), e);
            }
        }
        return kibibytes / 1024.0;
    }
}
