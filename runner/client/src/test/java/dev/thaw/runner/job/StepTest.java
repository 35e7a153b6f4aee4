package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class StepTest {
    @Test
    void aScriptIsRunByTheShellAndEndsAtItsFirstFailure() {
        assertThat(Step.script("test", "make\nmake test\n").argv())
                .containsExactly("/bin/sh", "-e", "-c", "make\nmake test\n");
    }

    @Test
    void aCommandIsTakenAsItIs() {
        assertThat(new Step("echo", List.of("echo", "", "a b", "$HOME")).argv())
                .containsExactly("echo", "", "a b", "$HOME");
    }

    @Test
    void aStepHasACommand() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Step("a", List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new Step("a", List.of("")));
        assertThatIllegalArgumentException().isThrownBy(() -> Step.script("a", " \n"));
    }

    @Test
    void aNameIsOneLine() {
        assertThatIllegalArgumentException().isThrownBy(() -> Step.script(" ", "true"));
        assertThatIllegalArgumentException().isThrownBy(() -> Step.script("a\nb", "true"));
        assertThatIllegalArgumentException().isThrownBy(() -> Step.script("a".repeat(101), "true"));
    }

    @Test
    void whatLinuxCannotTakeIsRefusedBeforeAGuestIsStarted() {
        assertThatIllegalArgumentException().isThrownBy(() -> Step.script("a", "echo \0"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Step.script("a", "#".repeat(128 << 10)))
                .withMessageContaining("put it into a file of the workspace");
        assertThat(Step.script("a", "#".repeat((128 << 10) - 1)).argv()).hasSize(4);
    }
}
