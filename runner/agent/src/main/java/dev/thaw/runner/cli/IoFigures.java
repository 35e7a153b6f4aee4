package dev.thaw.runner.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.bench.IoBench;

/** What {@code runner bench io} prints. */
final class IoFigures {
    private IoFigures() {}

    static String json(IoBench.Report report) {
        ObjectNode root = new JsonMapper().createObjectNode();
        root.put("accelerator", report.accelerator()).put("runs", report.runs());
        root.putObject("host")
                .put("tar_s", report.host().writeSeconds())
                .put("read_s", report.host().readSeconds())
                .put("pipe_mb_s", report.host().pipeRate())
                .put("log_mb_s", report.host().logRate());
        root.put("pack_s", report.packSeconds());
        root.put("write_s", report.writeSeconds()).put("read_s", report.readSeconds());
        root.put("workspace_ratio", report.workspaceRatio()).put("like_for_like_ratio", report.likeForLikeRatio());
        root.put("port_mb_s", report.portRate()).put("log_mb_s", report.logRate());
        root.put("artifacts_many_mb_s", report.manyRate()).put("artifacts_large_mb_s", report.largeRate());
        return root.toString();
    }

    static String text(IoBench.Report report) {
        return String.format(
                "%s, %d runs, 20,000 files of 1 GB:%n"
                        + "in: written after %.1f s, read after another %.1f s (packing alone %.1f s);"
                        + " host tar | tar %.1f s, read %.1f s: %.2f x tar | tar, %.2f x the same on the host%n"
                        + "out: port %.0f MB/s; artifacts of 8 files %.0f MB/s (%.2f x port), of 20,000 files %.0f MB/s"
                        + " (%.2f x port)%n"
                        + "output: lines %.0f MB/s; on the host a pipe of lines %.0f MB/s, of zeros %.0f MB/s",
                report.accelerator(),
                report.runs(),
                report.writeSeconds(),
                report.readSeconds(),
                report.packSeconds(),
                report.host().writeSeconds(),
                report.host().readSeconds(),
                report.workspaceRatio(),
                report.likeForLikeRatio(),
                report.portRate(),
                report.largeRate(),
                report.largeRate() / report.portRate(),
                report.manyRate(),
                report.manyRate() / report.portRate(),
                report.logRate(),
                report.host().logRate(),
                report.host().pipeRate());
    }
}
