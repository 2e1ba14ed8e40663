package io.lsmbd.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "512, 512",
        "512 B, 512",
        "4KiB, 4096",
        "4 KiB, 4096",
        "4k, 4096",
        "10GiB, 10737418240",
        "10 GiB, 10737418240",
        "10G, 10737418240",
        "10GB, 10000000000",
        "1.5KB, 1500",
        "1.5 GiB, 1610612736",
        "1PiB, 1125899906842624",
    })
    void peopleWriteSizesInManyWays(String text, long bytes) {
        assertThat(DataSize.parse(text).bytes()).isEqualTo(bytes);
    }

    @Test
    void aFractionBetweenTwoBytesBecomesWholeSectors() {
        assertThat(DataSize.parse("3.2GiB").bytes()).isEqualTo(3_435_974_144L);
        assertThat(DataSize.parse("0.1 KiB").bytes()).isEqualTo(512);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "GiB", "-1", "1 GiB 2", "1XiB", "1,5GiB", "0.5", "1.5B", "8EiB", "0x10"})
    void whatIsNoSizeIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> DataSize.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1 KiB",
        "1536, 1.5 KiB",
        "70000, 68.4 KiB",
        "1048575, 1.0 MiB",
        "10737418240, 10 GiB",
        "10737418241, 10.0 GiB",
        "1125899906842624, 1 PiB",
        "9223372036854775807, 8 EiB",
    })
    void sizesArePrintedWithOneDecimalAtMost(long bytes, String text) {
        assertThat(new DataSize(bytes)).hasToString(text);
    }

    @Test
    void whatIsPrintedCanBeTypedBack() {
        for (long bytes = 1 << 20; bytes < 1L << 52; bytes = bytes / 7 * 8 + 4097) {
            String printed = new DataSize(bytes).toString();
            DataSize read = DataSize.parse(printed);
            assertThat(read).hasToString(printed.replace(".0 ", " "));
            assertThat(DataSize.parse(printed.replace(" ", ""))).isEqualTo(read);
        }
    }
}
