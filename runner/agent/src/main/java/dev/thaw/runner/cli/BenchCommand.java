package dev.thaw.runner.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.thaw.runner.bench.DensityBench;
import dev.thaw.runner.bench.DockerBench;
import dev.thaw.runner.bench.IoBench;
import dev.thaw.runner.bench.StartBench;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Resources;
import dev.thaw.runner.template.Template;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code runner bench}: how fast this host does it. */
@Command(name = "bench", description = "Measures, as ratios inside one run.", synopsisSubcommandLabel = "COMMAND")
final class BenchCommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final Engine.Source engines;
    private final Console console;

    BenchCommand(Engine.Source engines, Console console) {
        this.engines = engines;
        this.console = console;
    }

    @Command(description = "Claim → first command, beside the floor.")
    int start(
            @Option(names = "--runs", defaultValue = "20") int runs,
            @Option(names = "--standby", description = "with guests that were restored and paused before the claim")
                    boolean standby,
            @Option(names = "--template", defaultValue = "docker") String name,
            @Option(names = "--accel", defaultValue = "auto") String accelerator,
            @Option(names = "--json") boolean json)
            throws RunnerException, InterruptedException {
        Engine engine = engines.get();
        Template template = template(engine, name, accelerator);
        StartBench.Report report = standby
                ? engine.startBench().runStandby(template, runs)
                : engine.startBench().run(template, runs);
        spec.commandLine().getOut().println(json ? StartFigures.json(report) : StartFigures.text(report));
        return 0;
    }

    @Command(description = "Private memory of idle guests.")
    int density(
            @Option(names = "--guests", defaultValue = "16") int guests,
            @Option(names = "--idle", defaultValue = "60", paramLabel = "SECONDS") int idle,
            @Option(names = "--template", defaultValue = "docker") String name,
            @Option(names = "--accel", defaultValue = "auto") String accelerator,
            @Option(names = "--json") boolean json)
            throws RunnerException, InterruptedException {
        Engine engine = engines.get();
        Template template = template(engine, name, accelerator);
        DensityBench.Report report = engine.densityBench().run(template, guests, Duration.ofSeconds(idle));
        var out = spec.commandLine().getOut();
        if (json) {
            out.println(new JsonMapper()
                    .createObjectNode()
                    .put("accelerator", report.accelerator())
                    .put("guests", report.guests())
                    .put("idle_s", report.idleSeconds())
                    .put("private_mib_p50", report.medianMebibytes())
                    .put("private_mib_max", report.mostMebibytes()));
        } else {
            out.printf(
                    "%s, %d guests idle for %d s: %.1f MiB private each (median), %.1f at most%n",
                    report.accelerator(),
                    report.guests(),
                    report.idleSeconds(),
                    report.medianMebibytes(),
                    report.mostMebibytes());
        }
        return 0;
    }

    @Command(description = "The first docker run of a guest, beside the third.")
    int docker(
            @Option(names = "--guests", defaultValue = "5") int guests,
            @Option(names = "--tb-size", paramLabel = "MIB", description = "size of TCG's translation buffer") @Nullable
                    List<Integer> bufferSizes,
            @Option(names = "--template", defaultValue = "docker") String name,
            @Option(names = "--accel", defaultValue = "auto") String accelerator,
            @Option(names = "--json") boolean json)
            throws RunnerException, InterruptedException {
        Engine engine = engines.get();
        Template template = template(engine, name, accelerator);
        List<DockerBench.Row> rows =
                engine.dockerBench().run(template, guests, bufferSizes == null ? List.of() : bufferSizes);
        var out = spec.commandLine().getOut();
        for (DockerBench.Row row : rows) {
            if (json) {
                var line = new JsonMapper().createObjectNode();
                line.put("accelerator", template.accelerator()).put("guests", guests);
                row.translationBufferMebibytes().ifPresent(size -> line.put("tb_size_mib", size));
                line.put("first_ms", row.firstMillis()).put("third_ms", row.thirdMillis());
                out.println(line.put("private_mib", row.privateMebibytes()));
            } else {
                String buffer = row.translationBufferMebibytes()
                        .map(size -> ", translation buffer of " + size + " MiB")
                        .orElse("");
                out.printf(
                        "%s, %d guests%s: first docker run %.0f ms, third %.0f ms (ratio %.2f); %.0f MiB private%n",
                        template.accelerator(),
                        guests,
                        buffer,
                        row.firstMillis(),
                        row.thirdMillis(),
                        row.ratio(),
                        row.privateMebibytes());
            }
        }
        return 0;
    }

    @Command(description = "A workspace in and out, beside tar; output, beside a pipe.")
    int io(
            @Option(names = "--runs", defaultValue = "3") int runs,
            @Option(names = "--template", defaultValue = "docker") String name,
            @Option(names = "--accel", defaultValue = "auto") String accelerator,
            @Option(names = "--json") boolean json)
            throws RunnerException, InterruptedException {
        Engine engine = engines.get();
        IoBench.Report report = engine.ioBench().run(template(engine, name, accelerator), runs);
        var out = spec.commandLine().getOut();
        out.println(json ? IoFigures.json(report) : IoFigures.text(report));
        return 0;
    }

    private Template template(Engine engine, String name, String accelerator)
            throws RunnerException, InterruptedException {
        engine.jobs().reap();
        return engine.templates()
                .ready(name, Resources.UNSPECIFIED, accelerator, console)
                .template();
    }
}
