package dev.thaw.runner.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.thaw.runner.doctor.Finding;
import dev.thaw.runner.doctor.Finding.Verdict;
import dev.thaw.runner.fault.ExitCode;
import dev.thaw.runner.fault.RunnerException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code runner doctor}. */
@Command(name = "doctor", description = "Says what this host can do, and what it lacks.")
final class DoctorCommand implements Callable<Integer> {
    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final Engine.Source engines;

    DoctorCommand(Engine.Source engines) {
        this.engines = engines;
    }

    @Override
    public Integer call() throws RunnerException, InterruptedException {
        List<Finding> findings = engines.get().doctor().examine();
        var out = spec.commandLine().getOut();
        if (json) {
            var root = new JsonMapper().createObjectNode();
            findings.forEach(finding ->
                    root.putObject(finding.name()).put("verdict", word(finding)).put("detail", finding.detail()));
            out.println(root.toPrettyString());
        } else {
            findings.forEach(finding -> out.printf("%-8s %-12s %s%n", word(finding), finding.name(), finding.detail()));
        }
        boolean failed = findings.stream().anyMatch(finding -> finding.verdict() == Verdict.FAILURE);
        return failed ? ExitCode.RUNNER_FAULT.code() : ExitCode.OK.code();
    }

    private static String word(Finding finding) {
        return finding.verdict().name().toLowerCase(Locale.ROOT);
    }
}
