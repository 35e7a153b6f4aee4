package dev.thaw.runner.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.bench.AgentJobsBench;
import dev.thaw.runner.bench.AgentLogBench;
import dev.thaw.runner.bench.OwnMemory;

/** What {@code runner bench agent} prints. */
final class AgentFigures {
    private AgentFigures() {}

    static String json(AgentJobsBench.Report jobs, AgentLogBench.Report log) {
        ObjectNode root = new JsonMapper().createObjectNode();
        root.put("accelerator", jobs.accelerator());
        ObjectNode node = root.putObject("jobs");
        node.put("submitted", jobs.jobs()).put("at_once", jobs.atOnce());
        node.put("green_once", jobs.green()).put("lost", jobs.lost()).put("twice", jobs.twice());
        node.put("per_minute", jobs.jobsPerMinute()).put("floor_per_minute", jobs.floorPerMinute());
        node.put("ratio", jobs.ratio());
        memory(node.putObject("memory_before"), jobs.before());
        memory(node.putObject("memory_after"), jobs.after());
        ObjectNode output = root.putObject("log")
                .put("bytes", log.bytes())
                .put("one_follower_heap_mib", log.heap())
                .put("one_follower_resident_mib", log.resident())
                .put("rounds", log.alone().size())
                .put("alone_s", log.aloneSeconds())
                .put("followers", log.followers())
                .put("followed_s", log.followedSeconds())
                .put("ratio", log.ratio());
        log.alone().forEach(output.putArray("alone_each_s")::add);
        log.followed().forEach(output.putArray("followed_each_s")::add);
        return root.toString();
    }

    private static void memory(ObjectNode node, OwnMemory memory) {
        node.put("heap_mib", memory.heap()).put("resident_mib", memory.resident());
    }

    static String text(AgentJobsBench.Report jobs, AgentLogBench.Report log) {
        return String.format(
                "%s, %d jobs of 'true' submitted at once, %d at a time: %d ran once and ended with 0, %d lost, %d ran"
                        + " twice%n"
                        + "%.0f jobs a minute, floor script %.0f: ratio %.2f%n"
                        + "memory before and after: heap %.1f and %.1f MiB, resident %.0f and %.0f MiB%n"
                        + "a log of %.0f MB: one follower costs %.1f MiB of heap, %.0f MiB resident%n"
                        + "%d rounds: the job takes %.2f s alone, %.2f s with %d followers: ratio %.2f",
                jobs.accelerator(),
                jobs.jobs(),
                jobs.atOnce(),
                jobs.green(),
                jobs.lost(),
                jobs.twice(),
                jobs.jobsPerMinute(),
                jobs.floorPerMinute(),
                jobs.ratio(),
                jobs.before().heap(),
                jobs.after().heap(),
                jobs.before().resident(),
                jobs.after().resident(),
                log.bytes() / 1e6,
                log.heap(),
                log.resident(),
                log.alone().size(),
                log.aloneSeconds(),
                log.followedSeconds(),
                log.followers(),
                log.ratio());
    }
}
