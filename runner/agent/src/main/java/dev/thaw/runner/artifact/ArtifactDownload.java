package dev.thaw.runner.artifact;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.job.ArtifactReport;
import dev.thaw.runner.os.JobDirectories;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Artifacts that an agent has collected, into a directory of this host: with the same checks once more, since the agent
 * may be anybody's. All of them or none.
 */
public final class ArtifactDownload {
    private final Set<Path> stagings = ConcurrentHashMap.newKeySet();

    /** What came of it; {@code there} if they are all here, and whatever goes wrong is a report too. */
    public ArtifactReport unpack(InputStream archive, ArtifactReport.Collected there, Path directory) {
        var output = new OutputDirectory(directory);
        try {
            Path real = output.make();
            try (Staging staging = Staging.in(real, stagings)) {
                ArchiveUnpacker.Unpacked unpacked =
                        new ArchiveUnpacker(staging.tree(), ArtifactLimits.DEFAULT).unpack(archive);
                if (unpacked.bytes() != there.bytes()) {
                    throw new ArtifactRefusedException("the agent's archive of the artifacts has " + unpacked.bytes()
                            + " bytes in its files, " + there.bytes() + " were collected");
                }
                new Publication(staging, real).publish(unpacked.links());
                return there;
            }
        } catch (ArtifactRefusedException e) {
            return new ArtifactReport.Refused(Fault.ARTIFACTS, String.valueOf(e.getMessage()), there.notes());
        } catch (IOException e) {
            return new ArtifactReport.Refused(
                    JobDirectories.diskFull(e) ? Fault.NO_SPACE : Fault.HOST,
                    "artifacts cannot be written to " + directory + ": " + e.getMessage(),
                    there.notes());
        } finally {
            output.unmake();
        }
    }
}
