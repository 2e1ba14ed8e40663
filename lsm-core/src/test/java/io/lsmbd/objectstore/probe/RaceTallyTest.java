package io.lsmbd.objectstore.probe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.objectstore.ETag;
import io.lsmbd.objectstore.PutOutcome;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way in which a round of three writers, A, B and C, can end. */
class RaceTallyTest {
    private static final List<byte[]> BODIES =
            List.of("A".getBytes(UTF_8), "B".getBytes(UTF_8), "C".getBytes(UTF_8));

    private static PutOutcome outcome(int letter) {
        return switch (letter) {
            case 'w' -> new PutOutcome.Stored(new ETag("e"));
            case 'r' -> new PutOutcome.ConditionFailed();
            case '?' -> new PutOutcome.Unknown("lost");
            default -> throw new IllegalArgumentException("no outcome: " + letter);
        };
    }

    private static void add(RaceTally tally, String outcomes, String there) {
        tally.add(
                outcomes.chars().mapToObj(RaceTallyTest::outcome).toList(),
                BODIES,
                there.equals("-") ? Optional.empty() : Optional.of(there.getBytes(UTF_8)));
    }

    @ParameterizedTest
    @CsvSource({
        // w: told that it won, r: refused, ?: no answer; what is there: a writer's, older, nothing
        "wrr, A, clear",
        "rrw, C, clear",
        "??w, C, clear",
        "wrr, B, broken",
        "wrr, x, broken",
        "wrr, -, broken",
        "w??, -, broken",
        "wwr, A, broken",
        "www, C, broken",
        "ww?, C, broken",
        "rrr, A, resolved",
        "r?r, B, resolved",
        "???, C, resolved",
        "r?r, -, unclear",
        "???, x, unclear",
        "rrr, -, broken",
        "rrr, x, broken"
    })
    void aRoundEnds(String outcomes, String there, String expected) {
        RaceTally tally = new RaceTally();
        add(tally, outcomes, there);
        assertThat(tally.finding(1, "hint").figures())
                .containsEntry(expected, 1L)
                .containsEntry("rounds", 1L);
        long counted =
                List.of("clear", "resolved", "unclear", "broken").stream()
                        .mapToLong(
                                kind -> tally.finding(1, "hint").figures().getOrDefault(kind, 0L))
                        .sum();
        assertThat(counted).isEqualTo(1);
    }

    @Test
    void aPutWithoutAnswerExcusesLaterRoundsOnlyFromNobodyWinning() {
        RaceTally tally = new RaceTally();
        add(tally, "??r", "-");
        add(tally, "rrr", "x");
        assertThat(tally.finding(2, "hint").figures()).containsEntry("unclear", 2L);
        add(tally, "wwr", "A");
        assertThat(tally.finding(3, "hint").verdict()).isEqualTo(Verdict.FAILED);
    }

    @Test
    void oneBrokenRoundAmongManyFails() {
        RaceTally tally = new RaceTally();
        for (int i = 0; i < 99; i++) {
            add(tally, "rwr", "B");
        }
        assertThat(tally.finding(99, "hint").verdict()).isEqualTo(Verdict.OK);
        assertThat(tally.finding(100, "hint").verdict()).isEqualTo(Verdict.WARNING);
        add(tally, "rww", "B");
        assertThat(tally.finding(100, "hint").verdict()).isEqualTo(Verdict.FAILED);
        assertThat(tally.successes()).isEqualTo(101);
    }
}
