package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobIdTest {
    @Test
    void randomIdsAreShortAndDiffer() {
        var seen = new HashSet<JobId>();
        for (int i = 0; i < 1000; i++) {
            JobId id = JobId.random();
            assertThat(id.value()).matches("j[a-z2-7]{12}");
            assertThat(seen.add(id)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "0", "build-17", "jabcdefghijklmnopqrstuvwxyz0123456789-ab"})
    void whatFitsAFileNameIsAnId(String value) {
        assertThat(new JobId(value)).hasToString(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "A", "a/b", "..", "a\n", "jabcdefghijklmnopqrstuvwxyz0123456789-abc"})
    void anythingElseIsRefused(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JobId(value))
                .withMessage("job id must match [a-z0-9][a-z0-9-]{0,39}, got: " + value);
    }
}
