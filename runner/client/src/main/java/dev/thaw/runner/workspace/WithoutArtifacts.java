package dev.thaw.runner.workspace;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobSpec;
import java.nio.file.Path;
import java.util.List;

/** The top of a working directory without what earlier jobs gave back: else each run would have another workspace. */
record WithoutArtifacts(Selection top) implements Selection {
    private static final RawPath OUTPUT = new RawPath(JobSpec.OUTPUT_DIRECTORY);

    @Override
    public Treatment of(RawPath name, boolean directory) throws RunnerException {
        return directory && name.equals(OUTPUT) ? Treatment.LEFT_OUT : top.of(name, directory);
    }

    @Override
    public Selection enter(RawPath name, Path directory) throws RunnerException {
        return top.enter(name, directory);
    }

    @Override
    public boolean gitRules() {
        return top.gitRules();
    }

    @Override
    public List<Addition> additions(Path directory) throws RunnerException {
        return top.additions(directory);
    }
}
