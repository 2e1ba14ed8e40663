package io.lsmbd.objectstore.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultRuleTest {
    private static final String SEGMENT = "v/0123456789abcdef/segments/1";
    private static final String MANIFEST = "v/0123456789abcdef/manifest";
    private final AtomicLong nanos = new AtomicLong();

    private FaultPlan plan(String text, long seed) {
        return new SeededFaults(FaultRule.parse(text), new Random(seed), nanos::get);
    }

    private Optional<Fault> first(String text, Operation operation, String key) {
        return plan(text, 1).next(operation, key);
    }

    private List<Optional<Fault>> drawn(String text, long seed) {
        FaultPlan plan = plan(text, seed);
        List<Optional<Fault>> drawn = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            drawn.add(plan.next(Operation.READ, SEGMENT));
        }
        return drawn;
    }

    @Test
    void everyFaultHasAWord() {
        Duration time = Duration.ofMillis(20);
        assertThat(first("latency ms=20", Operation.LIST, "")).contains(new Fault.Delay(time));
        assertThat(first("late-reply ms=20", Operation.PUT, SEGMENT))
                .contains(new Fault.LateReply(time));
        assertThat(first("bandwidth kib-per-second=4", Operation.PUT, SEGMENT))
                .contains(new Fault.SlowBody(4096));
        assertThat(first("hang ms=20", Operation.PUT, SEGMENT)).contains(new Fault.Silence(time));
        assertThat(first("lost-request", Operation.PUT, SEGMENT)).contains(new Fault.LostRequest());
        assertThat(first("lost-reply", Operation.PUT, SEGMENT)).contains(new Fault.LostReply());
        assertThat(first("late-put ms=20", Operation.PUT, SEGMENT))
                .contains(new Fault.LatePutAfter(time));
        assertThat(first("slow-down", Operation.PUT, SEGMENT)).contains(new Fault.SlowDown());
        assertThat(first("unavailable", Operation.PUT, SEGMENT)).contains(new Fault.Unavailable());
        assertThat(first("conflict", Operation.PUT, SEGMENT)).contains(new Fault.Conflict());
        assertThat(first("refused-condition", Operation.PUT, SEGMENT))
                .contains(new Fault.RefusedCondition());
        assertThat(first("met-itself", Operation.PUT, SEGMENT)).contains(new Fault.MetItself());
        assertThat(first("bit-flip", Operation.READ, SEGMENT).orElseThrow())
                .isInstanceOf(Fault.FlippedBit.class);
        assertThat(first("short-body bytes=3", Operation.READ, SEGMENT))
                .contains(new Fault.ShortBody(3));
        assertThat(first("stale-list keys=2", Operation.LIST, "v/"))
                .contains(new Fault.StaleList(2));
    }

    @Test
    void onlyTheRequestsThatAreMeantMeetIt() {
        assertThat(first("slow-down op=get+read", Operation.READ, SEGMENT)).isPresent();
        assertThat(first("slow-down op=get+read", Operation.PUT, SEGMENT)).isEmpty();
        assertThat(first("slow-down prefix=v/0", Operation.PUT, SEGMENT)).isPresent();
        assertThat(first("slow-down prefix=volumes/", Operation.PUT, SEGMENT)).isEmpty();
        assertThat(first("slow-down area=segments", Operation.PUT, SEGMENT)).isPresent();
        assertThat(first("slow-down area=segments", Operation.PUT, MANIFEST)).isEmpty();
    }

    @Test
    void theSameSeedBringsTheSameFaults() {
        String text = "latency ms=10 jitter-ms=90 p=0.3";
        assertThat(drawn(text, 1)).isEqualTo(drawn(text, 1)).isNotEqualTo(drawn(text, 2));
        assertThat(drawn(text, 1).stream().filter(Optional::isPresent).count())
                .isBetween(200L, 400L);
        assertThat(drawn(text, 1).stream().flatMap(Optional::stream))
                .allSatisfy(fault ->
                        assertThat(((Fault.Delay) fault).duration())
                                .isBetween(Duration.ofMillis(10), Duration.ofMillis(100)))
                .hasSizeGreaterThan(1);
    }

    @Test
    void stormsComeAndGo() {
        FaultPlan plan = plan("slow-down every-ms=10 lasting-ms=3", 1);
        StringBuilder seen = new StringBuilder();
        for (int millis = 0; millis < 20; millis++) {
            nanos.set(millis * 1_000_000L);
            seen.append(plan.next(Operation.PUT, SEGMENT).isPresent() ? '#' : '.');
        }
        assertThat(seen).hasToString("###.......###.......");
    }

    @Test
    void aPlanCanEnd() {
        FaultPlan plan = plan("slow-down", 1).during(() -> nanos.get() < 5);
        assertThat(plan.next(Operation.PUT, SEGMENT)).isPresent();
        nanos.set(5);
        assertThat(plan.next(Operation.PUT, SEGMENT)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "latancy ms=2 | there is no such fault; there are latency,",
                "'' | there is no such fault",
                "latency | latency needs ms=",
                "latency ms | \"ms\" is not name=value",
                "latency ms= | is not name=value",
                "latency ms=1 ms=2 | ms is given twice",
                "latency ms=0 | ms is a whole number from 1 to 86400000, not 0",
                "latency ms=1s | ms is a whole number",
                "latency ms=99999999999999999999 | ms is a whole number",
                "latency ms=1 keys=2 | latency has no keys=",
                "latency ms=1 op=putt | op=putt is not one of put, get, read, info, list, delete",
                "latency ms=1 op=put+ | op= is not one of",
                "latency ms=1 area=moon | area=moon is not one of names, manifest, segments,",
                "latency ms=1 p=0 | p is more than 0 and at most 1, not 0",
                "latency ms=1 p=NaN | p is more than 0",
                "latency ms=1 p=often | p=often is not a number",
                "latency ms=1 every-ms=5 | needs lasting-ms=",
                "latency ms=1 every-ms=5 lasting-ms=6 | lasting-ms is at most every-ms",
            })
    void whatMakesNoSenseIsRefused(String text, String problem) {
        assertThatThrownBy(() -> FaultRule.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("fault \"" + text + "\": ")
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"  slow-down  ", "slow-down\tp=1", "slow-down   op=put"})
    void blanksDoNotMatter(String text) {
        assertThat(first(text, Operation.PUT, SEGMENT)).isPresent();
    }
}
