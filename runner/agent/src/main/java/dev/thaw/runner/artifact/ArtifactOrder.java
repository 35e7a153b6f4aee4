package dev.thaw.runner.artifact;

import dev.thaw.runner.job.ArtifactGlob;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What to bring back, and where to.
 *
 * @param globs which files
 * @param workspace where in the guest they are
 * @param user who reads them there
 * @param environment of the programs that do
 * @param output the directory of the host that they go to
 * @param leftOut where that directory is in the workspace, so that what an earlier job left there and was copied in does
 *     not come back once more; empty if it is elsewhere
 */
public record ArtifactOrder(
        List<ArtifactGlob> globs,
        String workspace,
        String user,
        Map<String, String> environment,
        Path output,
        String leftOut) {
    public ArtifactOrder {
        globs = List.copyOf(globs);
        environment = Map.copyOf(environment);
    }
}
