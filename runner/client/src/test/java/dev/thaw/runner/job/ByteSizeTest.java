package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0B, 0",
        "17b, 17",
        "4KiB, 4096",
        "512MiB, 536870912",
        "512 MiB, 536870912",
        "512m, 536870912",
        "2GiB, 2147483648",
        "2gib, 2147483648",
        "1g, 1073741824",
        "1G, 1073741824",
        "16TiB, 17592186044416",
        "3k, 3072",
    })
    void readsANumberAndAUnit(String text, long bytes) {
        assertThat(ByteSize.parse(text)).isEqualTo(new ByteSize(bytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "2", "GiB", "-2GiB", "1.5GiB", "2GB", "2 apples", "0x10k", "2GiB2GiB", "٣GiB"})
    void refusesTheRestAndSaysHowItIsWritten(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ByteSize.parse(text))
                .withMessageStartingWith("a size is a whole number and a unit, like 512MiB or 2GiB")
                .withMessageEndingWith("got: " + text);
    }

    @Test
    void aNumberThatDoesNotFitIsRefusedAndNotWrapped() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ByteSize.parse("8388608TiB"))
                .withMessageContaining("8388608TiB");
        assertThatIllegalArgumentException().isThrownBy(() -> new ByteSize(-1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0B", "1B", "1023B", "1KiB", "1536MiB", "2GiB", "3TiB"})
    void isWrittenInTheLargestUnitThatNeedsNoFraction(String text) {
        assertThat(ByteSize.parse(text)).hasToString(text);
    }

    @Test
    void sizesHaveAnOrder() {
        assertThat(ByteSize.parse("1023MiB")).isLessThan(ByteSize.parse("1GiB"));
    }
}
