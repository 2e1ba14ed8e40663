package io.lsmbd.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1 KiB",
        "1536, 1.5 KiB",
        "10737418240, 10 GiB",
        "1125899906842624, 1 PiB",
        "9223372036854775807, 8 EiB",
    })
    void bytesAreShortNumbers(long bytes, String text) {
        assertThat(Units.bytes(bytes)).isEqualTo(text);
    }

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
