package io.lsmbd.objectstore.probe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.Crc32c;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProbeReportFormatTest {
    /** Written by the first version: readable for ever. */
    private static final String GOLDEN =
            """
            {"crc32c":"########","probe":{"format":1,"store":"s3://bucket/x/",
            "atMillis":1700000000000,"tookMillis":4321,"writers":16,"rounds":200,
            "checks":[{"name":"swap-race","verdict":"FAILED","finding":"seen",
            "figures":{"rounds":200},"hint":"do"}]}}
            """
                    .replace("\n", "");

    private static ProbeReport report(int format) {
        return new ProbeReport(
                format,
                "s3://bucket/x/",
                1_700_000_000_000L,
                4321,
                16,
                200,
                List.of(
                        new CheckResult(
                                "swap-race",
                                Verdict.FAILED,
                                "seen",
                                Map.of("rounds", 200L),
                                "do")));
    }

    private static byte[] golden(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        byte[] body = Arrays.copyOfRange(bytes, 29, bytes.length - 1);
        return text.replace("########", "%08x".formatted(Crc32c.of(body))).getBytes(UTF_8);
    }

    @Test
    void bytesOfFormatOneStayAsTheyAre() throws CorruptFormatException {
        assertThat(new String(ProbeReportFormat.encode(report(1)), UTF_8))
                .isEqualTo(new String(golden(GOLDEN), UTF_8));
        assertThat(ProbeReportFormat.decode(golden(GOLDEN))).isEqualTo(report(1));
    }

    @Test
    void formatTwoKnowsThatNothingIsKnown() throws CorruptFormatException {
        byte[] bytes =
                golden(
                        GOLDEN.replace("\"format\":1", "\"format\":2")
                                .replace("FAILED", "UNANSWERED"));
        ProbeReport report = ProbeReportFormat.decode(bytes);
        assertThat(report.checks().getFirst().verdict()).isEqualTo(Verdict.UNANSWERED);
        assertThat(report.hasPassed()).isFalse();
        assertThat(report.brokenConditionalWrites()).isEmpty();
        assertThat(new String(ProbeReportFormat.encode(report), UTF_8))
                .isEqualTo(new String(bytes, UTF_8));
    }

    @Test
    void aNewerFormatAsksForANewerVersion() {
        byte[] newer = golden(GOLDEN.replace("\"format\":1", "\"format\":3"));
        assertThatThrownBy(() -> ProbeReportFormat.decode(newer))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("use a newer one");
    }

    @Test
    void everythingElseIsDamage() {
        byte[] good = golden(GOLDEN);
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> ProbeReportFormat.decode(cut))
                    .isInstanceOf(CorruptFormatException.class);
        }
        for (String change :
                List.of("\"writers\":16,", "\"verdict\":\"FAILED\",", "\"checks\":[")) {
            byte[] odd = golden(GOLDEN.replace(change, "\"odd\":1," + change));
            assertThatThrownBy(() -> ProbeReportFormat.decode(odd))
                    .as(change)
                    .isInstanceOf(CorruptFormatException.class);
        }
        byte[] without = golden(GOLDEN.replace("\"writers\":16,", ""));
        assertThatThrownBy(() -> ProbeReportFormat.decode(without))
                .isInstanceOf(CorruptFormatException.class);
    }
}
