package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.file.FileObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.objectstore.probe.CheckResult;
import io.lsmbd.objectstore.probe.ProbeConfig;
import io.lsmbd.objectstore.probe.ProbeListener;
import io.lsmbd.objectstore.probe.ProbeReport;
import io.lsmbd.objectstore.probe.StoreProbe;
import io.lsmbd.objectstore.probe.Verdict;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that keeps its promises passes; of one that breaks one, that very check fails. */
class StoreProbeTest {
    private static final ProbeConfig CONFIG = new ProbeConfig(16, 20, Duration.ofSeconds(30));
    private final TestEnvironment environment = new TestEnvironment("boot");
    private final ObjectStore sound = new MemoryObjectStore(environment.wallClock());

    private ProbeReport probe(ObjectStore store) throws ObjectStoreException {
        return new StoreProbe(store, environment, CONFIG).run(ProbeListener.none());
    }

    private static Set<String> with(Verdict verdict, ProbeReport report) {
        return report.checks().stream()
                .filter(check -> check.verdict() == verdict)
                .map(CheckResult::name)
                .collect(Collectors.toSet());
    }

    private static CheckResult check(String name, ProbeReport report) {
        return report.checks().stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static long figure(String check, String name, ProbeReport report) {
        return Optional.ofNullable(check(check, report).figures().get(name)).orElseThrow();
    }

    /** Exactly these fail; each failure has its hint, and nothing is left behind. */
    private ProbeReport assertFails(ObjectStore store, String... checks)
            throws ObjectStoreException {
        ProbeReport report = probe(store);
        assertThat(with(Verdict.FAILED, report)).containsExactlyInAnyOrder(checks);
        assertThat(report.hasPassed()).isEqualTo(checks.length == 0);
        assertThat(report.checks())
                .allSatisfy(check -> {
                    assertThat(check.finding()).isNotBlank();
                    assertThat(check.hint().isEmpty())
                            .as(check.name())
                            .isEqualTo(
                                    check.verdict() == Verdict.OK
                                            || check.verdict() == Verdict.SKIPPED);
                });
        assertThat(report.checks().getLast().name()).isEqualTo(StoreProbe.CLEAN_UP);
        return report;
    }

    private void assertEmpty() throws ObjectStoreException {
        assertThat(sound.list("", null, 10).objects()).isEmpty();
    }

    @Test
    void aSoundStorePasses() throws ObjectStoreException {
        ProbeReport report = assertFails(sound);
        assertThat(report.hasConditionalWrites()).isTrue();
        assertThat(with(Verdict.OK, report)).hasSize(15);
        assertThat(figure(StoreProbe.CREATE_RACE, "clear", report)).isEqualTo(20);
        assertThat(figure(StoreProbe.SWAP_RACE, "counter", report)).isEqualTo(20);
        assertThat(figure(StoreProbe.SWAP_RACE, "successes", report)).isEqualTo(20);
        assertThat(figure(StoreProbe.LATENCY, "putP99Micros", report))
                .isGreaterThanOrEqualTo(figure(StoreProbe.LATENCY, "putP50Micros", report));
        assertEmpty();
    }

    @Test
    void aFolderPasses(@TempDir Path folder) throws ObjectStoreException {
        try (ObjectStore store = FileObjectStore.open(folder, environment.wallClock())) {
            assertThat(assertFails(store).hasConditionalWrites()).isTrue();
            assertThat(store.list("", null, 10).objects()).isEmpty();
        }
    }

    @Test
    void whatIsThereIsNotTouched() throws ObjectStoreException {
        ObjectKey other = new ObjectKey("v/0123456789abcdef/manifest");
        var _ = sound.put(other, List.of(ByteBuffer.allocate(3)), new PutCondition.IfAbsent());
        probe(sound);
        assertThat(sound.list("", null, 10).objects()).singleElement().isEqualTo(sound.info(other));
    }

    @Test
    void aStoreThatIgnoresCreateOnly() throws ObjectStoreException {
        ProbeReport report =
                assertFails(
                        new BrokenStores.IgnoresCondition(sound, PutCondition.IfAbsent.class),
                        StoreProbe.REFUSED_CREATE,
                        StoreProbe.CREATE_RACE);
        assertThat(report.hasConditionalWrites()).isFalse();
        assertThat(figure(StoreProbe.CREATE_RACE, "broken", report)).isEqualTo(20);
        assertEmpty();
    }

    @Test
    void aStoreThatIgnoresCompareAndSwap() throws ObjectStoreException {
        ProbeReport report =
                assertFails(
                        new BrokenStores.IgnoresCondition(sound, PutCondition.IfMatches.class),
                        StoreProbe.STALE_SWAP,
                        StoreProbe.SWAP_RACE);
        assertThat(report.hasConditionalWrites()).isFalse();
        assertThat(figure(StoreProbe.SWAP_RACE, "counter", report))
                .isLessThan(figure(StoreProbe.SWAP_RACE, "successes", report));
        assertEmpty();
    }

    @Test
    void aStoreWhoseCreateIsNotAtomic() throws ObjectStoreException {
        ProbeReport report =
                assertFails(
                        new BrokenStores.ChecksThenStores(
                                sound, environment, PutCondition.IfAbsent.class),
                        StoreProbe.CREATE_RACE);
        assertThat(report.hasConditionalWrites()).isFalse();
        assertEmpty();
    }

    @Test
    void aStoreThatLosesTheRaceOfSwaps() throws ObjectStoreException {
        ProbeReport report =
                assertFails(
                        new BrokenStores.ChecksThenStores(
                                sound, environment, PutCondition.IfMatches.class),
                        StoreProbe.SWAP_RACE);
        assertThat(report.hasConditionalWrites()).isFalse();
        assertThat(check(StoreProbe.SWAP_RACE, report).finding())
                .contains("writers were told that they won");
        assertEmpty();
    }

    @Test
    void aStoreThatListsLate() throws ObjectStoreException {
        var plan = new ScriptedFaults().always(Operation.LIST, "probe/", new Fault.StaleList(1));
        ProbeReport report =
                assertFails(
                        new FaultyObjectStore(sound, environment, plan),
                        StoreProbe.LIST_AFTER_WRITE);
        assertThat(with(Verdict.SKIPPED, report)).containsExactly(StoreProbe.LIST_AFTER_DELETE);
        assertThat(report.hasConditionalWrites()).isTrue();
        assertEmpty();
    }

    @Test
    void aStoreThatReadsStale() throws ObjectStoreException {
        ProbeReport report =
                assertFails(new BrokenStores.ReadsStale(sound), StoreProbe.READ_AFTER_WRITE);
        // Who reads back the past cannot tell who won.
        assertThat(report.hasConditionalWrites()).isFalse();
        assertThat(with(Verdict.SKIPPED, report)).hasSize(12);
        assertEmpty();
    }

    @Test
    void aStoreThatAnswersAnotherRange() throws ObjectStoreException {
        assertFails(new BrokenStores.IgnoresOffset(sound), StoreProbe.RANGES);
        assertEmpty();
    }

    @Test
    void aStoreThatAnswersBeyondTheEnd() throws ObjectStoreException {
        ProbeReport report = assertFails(new BrokenStores.FillsUp(sound), StoreProbe.RANGES);
        assertThat(check(StoreProbe.RANGES, report).finding()).contains("more came than there is");
        assertEmpty();
    }

    @Test
    void aStoreThatCutsBodies() throws ObjectStoreException {
        ProbeReport report = assertFails(new BrokenStores.CutsBodies(sound), StoreProbe.BODIES);
        assertThat(check(StoreProbe.BODIES, report).finding())
                .isEqualTo("an object of 1048576 bytes came back with 65536");
        assertEmpty();
    }

    @Test
    void aStoreThatRefusesDeletes() throws ObjectStoreException {
        ProbeReport report = assertFails(new BrokenStores.RefusesDeletes(sound), StoreProbe.DELETE);
        assertThat(check(StoreProbe.DELETE, report).finding()).contains("AccessDenied");
        assertThat(check(StoreProbe.DELETE, report).hint()).contains("s3:DeleteObject");
        assertThat(with(Verdict.WARNING, report)).containsExactly(StoreProbe.CLEAN_UP);
        assertThat(figure(StoreProbe.CLEAN_UP, "left", report)).isPositive();
        assertThat(report.hasConditionalWrites()).isTrue();
    }

    @Test
    void aStoreThatOnlySaysThatItDeletes() throws ObjectStoreException {
        ProbeReport report = assertFails(new BrokenStores.KeepsAll(sound), StoreProbe.DELETE);
        assertThat(with(Verdict.WARNING, report)).containsExactly(StoreProbe.CLEAN_UP);
    }

    @Test
    void aStoreThatTakesNothing() throws ObjectStoreException {
        ProbeReport report =
                assertFails(new BrokenStores.RefusesPuts(sound), StoreProbe.READ_AFTER_WRITE);
        assertThat(report.hasConditionalWrites()).isFalse();
        assertThat(check(StoreProbe.READ_AFTER_WRITE, report).hint()).contains("s3:PutObject");
    }

    @Test
    void forbiddenIsNeverTakenForAbsent() throws ObjectStoreException {
        ProbeReport report = probe(new BrokenStores.ForbidsAbsent(sound));
        assertThat(with(Verdict.FAILED, report)).contains(StoreProbe.ABSENCE, StoreProbe.DELETE);
        // Whether it created an absent object cannot be asked, so that is held against nobody.
        assertThat(with(Verdict.UNANSWERED, report)).contains(StoreProbe.STALE_SWAP);
        assertThat(report.brokenConditionalWrites()).isEmpty();
        assertThat(check(StoreProbe.ABSENCE, report).hint()).contains("s3:ListBucket");
        assertThat(report.hasConditionalWrites()).isFalse();
        assertEmpty();
    }

    @Test
    void aClockThatIsOffByAnHour() throws ObjectStoreException {
        for (Duration off : List.of(Duration.ofHours(1), Duration.ofHours(-1))) {
            ProbeReport report =
                    assertFails(new BrokenStores.ClockOff(sound, off), StoreProbe.CLOCK);
            assertThat(figure(StoreProbe.CLOCK, "skewMillis", report))
                    .isCloseTo(off.toMillis(), within(60_000L));
        }
        assertEmpty();
    }

    @Test
    void aClockThatIsOffByHalfAMinuteIsMentioned() throws ObjectStoreException {
        ProbeReport report = assertFails(new BrokenStores.ClockOff(sound, Duration.ofSeconds(-30)));
        assertThat(with(Verdict.WARNING, report)).containsExactly(StoreProbe.CLOCK);
    }

    /** Of the puts of one check, so many are spared, then so many go wrong. */
    private ObjectStore faulty(String check, int spared, int wrong, Fault fault) {
        AtomicInteger puts = new AtomicInteger();
        FaultPlan plan =
                (operation, key) -> {
                    if (operation != Operation.PUT || !key.contains(check)) {
                        return Optional.empty();
                    }
                    int number = puts.getAndIncrement() - spared;
                    return number >= 0 && number < wrong ? Optional.of(fault) : Optional.empty();
                };
        return new FaultyObjectStore(sound, environment, plan);
    }

    @Test
    void aLostAnswerIsReadBackAndHeldAgainstNobody() throws ObjectStoreException {
        ProbeReport report =
                assertFails(faulty(StoreProbe.CREATE_RACE, 0, 16, new Fault.LostReply()));
        assertThat(check(StoreProbe.CREATE_RACE, report).verdict()).isEqualTo(Verdict.OK);
        assertThat(figure(StoreProbe.CREATE_RACE, "resolved", report)).isEqualTo(1);
        // The first put is that of the counter itself.
        report = assertFails(faulty(StoreProbe.SWAP_RACE, 1, 16, new Fault.LostReply()));
        assertThat(figure(StoreProbe.SWAP_RACE, "resolved", report)).isEqualTo(1);
        assertThat(figure(StoreProbe.SWAP_RACE, "counter", report)).isEqualTo(20);
        assertThat(report.hasConditionalWrites()).isTrue();
    }

    @Test
    void aRoundWithoutAnAnswerProvesNothing() throws ObjectStoreException {
        ProbeReport report =
                assertFails(faulty(StoreProbe.CREATE_RACE, 0, 16, new Fault.LostRequest()));
        assertThat(with(Verdict.WARNING, report)).containsExactly(StoreProbe.CREATE_RACE);
        assertThat(figure(StoreProbe.CREATE_RACE, "unclear", report)).isEqualTo(1);
        report =
                probe(
                        faulty(
                                StoreProbe.CREATE_RACE,
                                0,
                                Integer.MAX_VALUE,
                                new Fault.LostRequest()));
        assertThat(report.hasPassed()).isFalse();
        assertThat(with(Verdict.UNANSWERED, report)).containsExactly(StoreProbe.CREATE_RACE);
        assertThat(report.hasConditionalWrites()).isFalse();
    }

    @Test
    void aStoreThatDoesNotAnswerIsNotJudged() {
        FaultPlan plan = (_, _) -> Optional.of(new Fault.Unavailable());
        assertThatThrownBy(() -> probe(new FaultyObjectStore(sound, environment, plan)))
                .isInstanceOfSatisfying(
                        ObjectStoreException.class, e -> assertThat(e.isRetryable()).isTrue());
    }

    @Test
    void aStoreThatStopsAnsweringFailsWhatWasAsked() throws ObjectStoreException {
        AtomicInteger requests = new AtomicInteger();
        FaultPlan plan =
                (_, _) ->
                        requests.incrementAndGet() > 300
                                ? Optional.of(new Fault.Unavailable())
                                : Optional.empty();
        ProbeReport report = probe(new FaultyObjectStore(sound, environment, plan));
        assertThat(report.hasConditionalWrites()).isFalse();
        assertThat(report.brokenConditionalWrites()).isEmpty();
        assertThat(check(StoreProbe.SWAP_RACE, report).hint())
                .contains("did not answer", "s3:PutObject");
        assertThat(check(StoreProbe.CLEAN_UP, report).verdict()).isEqualTo(Verdict.WARNING);
    }

    @Test
    void aSlowStoreHasFewerRounds() throws ObjectStoreException {
        var impatient = new ProbeConfig(2, 10_000, Duration.ofNanos(1));
        ProbeReport report =
                new StoreProbe(sound, environment, impatient).run(ProbeListener.none());
        assertThat(report.hasPassed()).isTrue();
        assertThat(with(Verdict.WARNING, report))
                .contains(StoreProbe.CREATE_RACE, StoreProbe.SWAP_RACE);
        assertThat(figure(StoreProbe.CREATE_RACE, "rounds", report)).isEqualTo(1);
        assertEmpty();
    }

    @Test
    void theListenerHearsEveryCheck() throws ObjectStoreException {
        List<String> heard = new ArrayList<>();
        ProbeListener listener =
                new ProbeListener() {
                    @Override
                    public void begins(String name) {
                        heard.add(name);
                    }

                    @Override
                    public void ended(CheckResult result) {
                        assertThat(result.name()).isEqualTo(heard.getLast());
                    }
                };
        ProbeReport report = new StoreProbe(sound, environment, CONFIG).run(listener);
        assertThat(report.checks()).extracting(CheckResult::name).isEqualTo(heard);
        assertThat(heard).isEqualTo(StoreProbe.CHECKS);
    }
}
