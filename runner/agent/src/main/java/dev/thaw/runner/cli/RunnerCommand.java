package dev.thaw.runner.cli;

import dev.thaw.runner.fault.ExitCode;
import dev.thaw.runner.fault.RunnerException;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** {@code runner}: what every command has in common. */
@Command(
        name = "runner",
        description = "Runs builds, each in a microVM of its own that is already warm.",
        mixinStandardHelpOptions = true,
        versionProvider = RunnerCommand.Version.class,
        scope = ScopeType.INHERIT,
        exitCodeOnInvalidInput = 125,
        exitCodeOnExecutionException = 125)
public final class RunnerCommand {
    private RunnerCommand() {}

    /** The whole command line, ready to be executed. */
    public static CommandLine line(Engine.Source engines, Map<String, String> environment, Console console) {
        CommandLine line = new CommandLine(new RunnerCommand())
                .addSubcommand(new ExecCommand(engines, environment, console))
                .addSubcommand(new ShellCommand(environment))
                .addSubcommand(new JobsCommand(environment))
                .addSubcommand(new LogsCommand(environment, console))
                .addSubcommand(new CancelCommand(environment, console))
                .addSubcommand(new ArtifactsCommand(environment, console))
                .addSubcommand(new CommandLine(new TemplateCommand(engines, console)))
                .addSubcommand(new DoctorCommand(engines))
                .addSubcommand(new GcCommand(engines))
                .addSubcommand(new CommandLine(new AgentCommand(engines, environment))
                        .addSubcommand(new CommandLine(new TokenCommand(environment))))
                .addSubcommand(new CommandLine(new BenchCommand(engines, console))
                        .addSubcommand(new BenchAgentCommand(engines, console)));
        line.setExecutionExceptionHandler((e, command, parsed) -> report(e, command.getErr()));
        line.setParameterExceptionHandler((e, arguments) -> misused(e));
        return line;
    }

    /** The one place that turns faults into exit codes: a fault is one line, only a bug has a stack trace. */
    private static int report(Exception e, PrintWriter err) {
        if (e instanceof RunnerException fault) {
            err.println("runner: " + fault.fault().label() + ": " + fault.getMessage());
        } else if (e instanceof InterruptedException) {
            err.println("runner: cancelled");
            return ExitCode.CANCELLED.code();
        } else {
            e.printStackTrace(err);
        }
        return ExitCode.RUNNER_FAULT.code();
    }

    private static int misused(ParameterException e) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println("runner: usage: " + e.getMessage() + "; see: "
                + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return ExitCode.RUNNER_FAULT.code();
    }

    /** The jar's version. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"runner " + number()};
        }

        static String number() {
            String version = RunnerCommand.class.getPackage().getImplementationVersion();
            return version == null ? "(not from a jar)" : version;
        }
    }
}
