package dev.thaw.runner.cli;

import dev.thaw.runner.fault.RunnerException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code runner gc}. */
@Command(name = "gc", description = "Removes what runners that died left; never what a live one owns.")
final class GcCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final Engine.Source engines;

    GcCommand(Engine.Source engines) {
        this.engines = engines;
    }

    @Override
    public Integer call() throws RunnerException, InterruptedException {
        Engine engine = engines.get();
        var out = spec.commandLine().getOut();
        engine.jobs().reap().forEach(id -> out.println("removed job " + id));
        engine.store().sweep().forEach(name -> out.println("removed " + name));
        return 0;
    }
}
