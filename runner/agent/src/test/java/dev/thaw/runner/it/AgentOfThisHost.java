package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.os.JobDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** An agent that runs on this host during a class of tests, so that their jobs go through it. */
final class AgentOfThisHost implements BeforeAllCallback, AfterAllCallback {
    private Optional<RealAgent> agent = Optional.empty();
    private Path work = Path.of("");
    private int before;

    RealAgent agent() {
        return agent.orElseThrow();
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        work = Files.createTempDirectory("thaw-agent");
        agent = Optional.of(new RealAgent(work, ""));
        before = jobs();
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        try {
            // The control: it was this agent that ran them.
            assertThat(jobs()).isGreaterThan(before);
        } finally {
            agent().close();
            JobDirectory.deleteTree(work);
        }
    }

    String newest() throws Exception {
        return agent().json("GET", "/v1/jobs?limit=1", Optional.empty(), 200)
                .path("jobs")
                .path(0)
                .path("id")
                .asText("none");
    }

    private int jobs() throws Exception {
        String metrics = agent().metrics();
        return metrics.lines()
                .filter(line -> line.startsWith("thaw_jobs_submitted_total "))
                .mapToInt(line -> (int) Double.parseDouble(line.split(" ", 2)[1]))
                .sum();
    }
}
