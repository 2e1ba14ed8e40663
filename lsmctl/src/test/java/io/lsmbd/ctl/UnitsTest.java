package io.lsmbd.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0.0 s",
        "800, 0.8 s",
        "90000, 1m 30s",
        "7260000, 2h 1m",
        "187200000, 2d 4h",
    })
    void agesHaveTwoUnitsAtMost(long millis, String text) {
        assertThat(Units.age(millis)).isEqualTo(text);
    }
}
