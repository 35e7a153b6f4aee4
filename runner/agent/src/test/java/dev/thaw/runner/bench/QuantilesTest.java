package dev.thaw.runner.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QuantilesTest {
    @Test
    void theyAreValuesThatWereMeasured() {
        List<Double> shuffled = IntStream.rangeClosed(1, 20)
                .mapToObj(number -> (double) ((number * 8) % 21))
                .toList();
        assertThat(Quantiles.of(shuffled)).isEqualTo(new Quantiles(10, 19));
    }

    @Test
    void oneValueIsAllOfThem() {
        assertThat(Quantiles.of(List.of(4.5))).isEqualTo(new Quantiles(4.5, 4.5));
    }

    @Test
    void ofTwoTheLowerIsTheMedian() {
        assertThat(Quantiles.of(List.of(2.0, 1.0))).isEqualTo(new Quantiles(1, 2));
    }
}
