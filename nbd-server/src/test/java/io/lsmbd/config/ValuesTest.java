package io.lsmbd.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
    @ParameterizedTest
    @ValueSource(strings = {"500ms", "5s", "10m", "2h", "0s", "1500ms"})
    void aDurationIsPrintedAsItIsWritten(String text) {
        assertThat(Durations.format(Durations.parse(text))).isEqualTo(text);
    }

    @Test
    void daysAreHours() {
        assertThat(Durations.parse("1 d")).isEqualTo(Duration.ofHours(24));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "-5s", "5 min", "1.5s", "9999999999999s"})
    void whatIsNoDurationIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Durations.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:10809", "[::1]:0", "disk.example:65535"})
    void anAddressIsPrintedAsItIsWritten(String text) {
        assertThat(ListenAddress.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10809", ":10809", "::1:10809", "host:", "host:65536", "host:-1"})
    void whatIsNoAddressIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> ListenAddress.parse(text));
    }

    @Test
    void theNearestWordIsTheOneWithTheFewestEdits() {
        var words = List.of("wal.budget", "memory.budget", "nbd.listen");
        assertThat(NearestWord.of("wal.bugdet", words)).contains("wal.budget");
        assertThat(NearestWord.of("listen", words)).contains("nbd.listen");
        assertThat(NearestWord.of("x", words)).isEmpty();
    }
}
