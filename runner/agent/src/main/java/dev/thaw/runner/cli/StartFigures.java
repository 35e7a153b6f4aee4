package dev.thaw.runner.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.bench.StartBench;

/** What {@code runner bench start} prints. */
final class StartFigures {
    private StartFigures() {}

    static String json(StartBench.Report report) {
        ObjectNode root = new JsonMapper().createObjectNode();
        root.put("accelerator", report.accelerator()).put("runs", report.runs()).put("standby", report.standby());
        root.putObject("claim_to_first_exec_ms")
                .put("p50", report.start().p50())
                .put("p95", report.start().p95());
        root.putObject("floor_ms")
                .put("p50", report.floor().p50())
                .put("p95", report.floor().p95());
        root.put("cold_boot_to_docker_ms", report.coldBootMillis());
        return root.toString();
    }

    static String text(StartBench.Report report) {
        return String.format(
                "%s, %d runs: claim to first command%s %.0f ms (p95 %.0f), floor %.0f ms (p95 %.0f): %.2f x floor,"
                        + " p95 %.2f x; a cold boot until Docker answers took %d ms",
                report.accelerator(),
                report.runs(),
                report.standby() ? " from standby" : "",
                report.start().p50(),
                report.start().p95(),
                report.floor().p50(),
                report.floor().p95(),
                report.start().p50() / report.floor().p50(),
                report.start().p95() / report.floor().p50(),
                report.coldBootMillis());
    }
}
