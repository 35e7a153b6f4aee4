package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExamplesIT {
    private final Runner runner = Runner.shared();

    @Test
    void anImageIsBuiltAndRun() throws Exception {
        var ended =
                runner.run(Runner.ROOT, "exec", "-C", "examples/docker-hello").expect(0);
        assertThat(ended.out()).contains("Hello from the image, on Linux", "Hello from a container, on Linux");
    }

    @Test
    void aCProjectIsConfiguredBuiltAndTested() throws Exception {
        var ended = runner.run(Runner.ROOT, "exec", "-C", "examples/c-project").expect(0);
        assertThat(ended.out()).contains("checking for a C compiler... cc", "ok     the check value");
    }

    @Test
    void aServiceOfAComposeFileIsStartedAskedAndStopped() throws Exception {
        var ended = runner.run(Runner.ROOT, "exec", "-C", "examples/compose").expect(0);
        assertThat(ended.out().lines().filter("Hello from a service"::equals))
                .describedAs("answers: over the published port and over the service's name")
                .hasSize(2);
    }
}
