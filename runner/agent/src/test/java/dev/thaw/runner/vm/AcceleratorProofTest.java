package dev.thaw.runner.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AcceleratorProofTest {
    private static final int DEVICE = 0020000;

    @ParameterizedTest
    @CsvSource({"0660, 104", "0666, 0", "0666, 104"})
    void aDeviceThatItsOwnGroupOrEverybodyMayUseIsOpen(String mode, int group) {
        assertThat(AcceleratorProof.closed(DEVICE | Integer.parseInt(mode, 8), group))
                .isEmpty();
    }

    /** Guests never get root's group, so what is open to that is closed to them. */
    @ParameterizedTest
    @CsvSource({"0600, 0", "0660, 0", "0600, 104", "0640, 104", "0664, 0"})
    void aDeviceThatNoGuestsUserMayUseIsClosedAndTheReasonSaysWhatToDo(String mode, int group) {
        assertThat(AcceleratorProof.closed(DEVICE | Integer.parseInt(mode, 8), group))
                .hasValueSatisfying(reason -> assertThat(reason).contains("chgrp kvm /dev/kvm"));
    }

    @Test
    void aKernelGetsTwentySecondsUnlessTheEnvironmentSaysOtherwise() throws Exception {
        assertThat(AcceleratorProof.limit(Map.of())).isEqualTo(Duration.ofSeconds(20));
        assertThat(AcceleratorProof.limit(Map.of("RUNNER_KVM_PROOF", "4m"))).isEqualTo(Duration.ofMinutes(4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "0s", "11m", "-1s"})
    void aLimitThatIsNoneIsRefused(String text) {
        assertThatThrownBy(() -> AcceleratorProof.limit(Map.of("RUNNER_KVM_PROOF", text)))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.USAGE))
                .hasMessageStartingWith("RUNNER_KVM_PROOF: ");
    }
}
