package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutCondition.IfAbsent;
import io.lsmbd.objectstore.PutCondition.IfMatches;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.objectstore.probe.CheckResult;
import io.lsmbd.objectstore.probe.ProbeMemory;
import io.lsmbd.objectstore.probe.ProbeReport;
import io.lsmbd.objectstore.probe.StoreFitness;
import io.lsmbd.objectstore.probe.StoreFitness.Answer;
import io.lsmbd.objectstore.probe.StoreFitness.Unknown;
import io.lsmbd.objectstore.probe.StoreProbe;
import io.lsmbd.objectstore.probe.Verdict;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A daemon starts on a store where a second one could be fenced, and on no other. */
class StoreFitnessTest {
    private static final List<String> CONDITIONAL =
            List.of(
                    StoreProbe.REFUSED_CREATE,
                    StoreProbe.CREATE_RACE,
                    StoreProbe.STALE_SWAP,
                    StoreProbe.SWAP_RACE);

    private final TestEnvironment environment = new TestEnvironment("boot");
    private final ObjectStore sound = new MemoryObjectStore(environment.wallClock());

    private Answer judge(ObjectStore store) throws StorageException {
        return new StoreFitness(store, environment).judge(Unknown.IS_TRIED);
    }

    private Optional<ProbeReport> remembered() throws StorageException {
        return new ProbeMemory(sound).recall();
    }

    private void remember(String location, Verdict verdict) throws ObjectStoreException {
        new ProbeMemory(sound)
                .remember(
                        new ProbeReport(
                                ProbeReport.FORMAT,
                                location,
                                1_700_000_000_000L,
                                1234,
                                16,
                                200,
                                CONDITIONAL.stream()
                                        .map(name ->
                                                new CheckResult(
                                                        name, verdict, "seen", Map.of(), "do"))
                                        .toList()));
    }

    /** The first answer comes of trying, the second of remembering, and nothing else is left. */
    private void assertUnfit(ObjectStore broken, String... checks) throws StorageException {
        assertThat(judge(broken))
                .isInstanceOfSatisfying(
                        Answer.Unfit.class,
                        unfit ->
                                assertThat(unfit.report().brokenConditionalWrites())
                                        .extracting(CheckResult::name)
                                        .containsExactly(checks));
        assertThat(judge(sound)).isInstanceOf(Answer.Unfit.class);
        assertThat(sound.list("", null, 10).objects())
                .extracting(ObjectInfo::key)
                .containsExactlyInAnyOrder(
                        ObjectKey.probeResult(), ObjectKey.probeResult(sound.location()));
    }

    @Test
    void aSoundStoreIsTriedOnce() throws StorageException {
        assertThat(judge(sound)).isInstanceOf(Answer.Tried.class);
        AtomicInteger requests = new AtomicInteger();
        FaultPlan counting =
                (_, _) -> {
                    requests.incrementAndGet();
                    return Optional.empty();
                };
        assertThat(judge(new FaultyObjectStore(sound, environment, counting)))
                .isInstanceOf(Answer.Remembered.class);
        assertThat(requests).hasValue(1);
    }

    @Test
    void aStoreThatIgnoresCreateOnlyIsUnfit() throws StorageException {
        assertUnfit(
                new BrokenStores.IgnoresCondition(sound, IfAbsent.class),
                StoreProbe.REFUSED_CREATE,
                StoreProbe.CREATE_RACE);
    }

    @Test
    void aStoreThatIgnoresCompareAndSwapIsUnfit() throws StorageException {
        assertUnfit(
                new BrokenStores.IgnoresCondition(sound, IfMatches.class),
                StoreProbe.STALE_SWAP,
                StoreProbe.SWAP_RACE);
    }

    @Test
    void aStoreThatLosesRacesIsUnfit() throws StorageException {
        assertUnfit(
                new BrokenStores.ChecksThenStores(sound, environment, IfMatches.class),
                StoreProbe.SWAP_RACE);
    }

    /** As one does that answers 304, which the S3 store understands: stored, but called refused. */
    @Test
    void aStoreThatStoresAndCallsItRefusedIsUnfit() throws StorageException {
        ObjectStore liar =
                new ForwardingStore(sound) {
                    @Override
                    public PutOutcome put(
                            ObjectKey key, List<ByteBuffer> body, PutCondition condition)
                            throws ObjectStoreException {
                        PutOutcome outcome = super.put(key, body, condition);
                        return condition instanceof PutCondition.Unconditional
                                ? outcome
                                : new PutOutcome.ConditionFailed();
                    }
                };
        assertUnfit(liar, StoreProbe.REFUSED_CREATE, StoreProbe.STALE_SWAP);
    }

    @Test
    void aStoreThatDoesNotAnswerIsNotJudgedAndNothingIsRemembered() throws StorageException {
        for (Operation operation : List.of(Operation.GET, Operation.PUT)) {
            var away = new ScriptedFaults().always(operation, "probe/", new Fault.Unavailable());
            assertThatThrownBy(() -> judge(new FaultyObjectStore(sound, environment, away)))
                    .isInstanceOfSatisfying(
                            ObjectStoreException.class, e -> assertThat(e.isRetryable()).isTrue());
        }
        assertThat(remembered()).isEmpty();
        assertThat(judge(sound)).isInstanceOf(Answer.Tried.class);
    }

    /** Whatever goes away while the races are on. */
    @Test
    void aStoreThatStopsAnsweringIsNotJudged() throws StorageException {
        for (int answers = 0; answers < 200; answers += 3) {
            int last = answers;
            AtomicInteger requests = new AtomicInteger();
            FaultPlan plan =
                    (_, _) ->
                            requests.incrementAndGet() > last
                                    ? Optional.of(new Fault.Unavailable())
                                    : Optional.empty();
            assertThatThrownBy(() -> judge(new FaultyObjectStore(sound, environment, plan)))
                    .as("%d answers", answers)
                    .isInstanceOf(ObjectStoreException.class);
            assertThat(remembered()).isEmpty();
        }
    }

    @Test
    void whatMayNotBePutIsNoVerdictEither() {
        assertThatThrownBy(() -> judge(new BrokenStores.RefusesPuts(sound)))
                .isInstanceOf(ObjectStoreException.class)
                .hasMessageContaining("read-after-write")
                .hasMessageContaining("may not put");
    }

    /** Says "no" for good to puts under a condition: to so many of them after so many others. */
    private ObjectStore refusing(Class<? extends PutCondition> kind, int spared, int refused) {
        AtomicInteger puts = new AtomicInteger();
        return new ForwardingStore(sound) {
            @Override
            public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
                    throws ObjectStoreException {
                if (kind.isInstance(condition)) {
                    int number = puts.getAndIncrement() - spared;
                    if (number >= 0 && number < refused) {
                        throw new ObjectStoreException(
                                ObjectStoreException.Outlook.FINAL, "400 InvalidRequest: go away");
                    }
                }
                return super.put(key, body, condition);
            }
        };
    }

    /** A proxy did not like one request, or a policy was wrong for a moment. */
    @Test
    void oneRefusalIsNoVerdictWheneverItComes() throws StorageException {
        for (Class<? extends PutCondition> kind : List.of(IfAbsent.class, IfMatches.class)) {
            for (int spared = 0; spared < 60; spared += 4) {
                ObjectStore store = refusing(kind, spared, 1);
                assertThatThrownBy(() -> judge(store))
                        .as("%s after %d", kind, spared)
                        .isInstanceOf(ObjectStoreException.class)
                        .hasMessageContaining("cannot find out whether conditional writes work")
                        .hasMessageContaining("400 InvalidRequest: go away");
                assertThat(remembered()).isEmpty();
            }
        }
        assertThat(judge(sound)).isInstanceOf(Answer.Tried.class);
    }

    /** Nothing may be put any more, with or without a condition. */
    @Test
    void rightsThatAreLostInTheMiddleAreNoVerdict() throws StorageException {
        for (int spared = 0; spared < 60; spared += 4) {
            ObjectStore store = refusing(PutCondition.class, 10 + spared, Integer.MAX_VALUE);
            assertThatThrownBy(() -> judge(store))
                    .as("after %d", spared)
                    .isInstanceOf(ObjectStoreException.class);
            assertThat(remembered()).isEmpty();
        }
    }

    /** As one that answers 501 to whatever has If-Match: that is seen, and no accident. */
    @Test
    void aStoreThatAlwaysRefusesAConditionIsUnfit() throws StorageException {
        assertUnfit(
                refusing(IfMatches.class, 0, Integer.MAX_VALUE),
                StoreProbe.STALE_SWAP,
                StoreProbe.SWAP_RACE);
    }

    @Test
    void aReportThatTellsOfNothingIsTriedAgain() throws StorageException {
        for (Verdict verdict : List.of(Verdict.SKIPPED, Verdict.UNANSWERED)) {
            remember(sound.location(), verdict);
            assertThat(judge(sound)).isInstanceOf(Answer.Tried.class);
        }
    }

    @Test
    void ofAnotherAddressOnlyBadNewsIsBelieved() throws StorageException {
        remember("s3://other/", Verdict.OK);
        assertThat(judge(sound)).isInstanceOf(Answer.Tried.class);
        assertThat(remembered().orElseThrow().store()).isEqualTo(sound.location());
        remember("s3://other/", Verdict.FAILED);
        assertThat(judge(sound)).isInstanceOf(Answer.Unfit.class);
        assertThat(remembered().orElseThrow().store()).isEqualTo("s3://other/");
    }

    @Test
    void hostsWithDifferentAddressesOfOneStoreEachRememberTheirs() throws StorageException {
        assertThat(judge(sound)).isInstanceOf(Answer.Tried.class);
        remember("s3://other/", Verdict.OK);
        assertThat(judge(sound)).isInstanceOf(Answer.Remembered.class);
        // What was seen last under this address counts, not what was seen there once.
        remember(sound.location(), Verdict.FAILED);
        remember("s3://other/", Verdict.OK);
        assertThat(judge(sound)).isInstanceOf(Answer.Tried.class);
    }

    @Test
    void aDamagedReportOfThisAddressIsNone() throws StorageException {
        byte[] damaged = {'{', '}'};
        remember("s3://other/", Verdict.OK);
        ObjectKey key = ObjectKey.probeResult(sound.location());
        var _ = sound.put(key, List.of(ByteBuffer.wrap(damaged)), new IfAbsent());
        assertThat(judge(sound)).isInstanceOf(Answer.Tried.class);
    }

    @Test
    void aDamagedReportSaysNothingAndStays() throws StorageException {
        byte[] damaged = {'{', '}'};
        ObjectKey key = ObjectKey.probeResult();
        var _ = sound.put(key, List.of(ByteBuffer.wrap(damaged)), new IfAbsent());
        assertThat(judge(sound)).isInstanceOf(Answer.Tried.class);
        assertThat(judge(new BrokenStores.IgnoresCondition(sound, IfAbsent.class)))
                .isInstanceOf(Answer.Unfit.class);
        assertThat(sound.get(key).bytes()).isEqualTo(damaged);
    }

    @Test
    void aStoreOfOursIsTrustedUnlessItIsKnownToBeBad() throws StorageException {
        var fitness = new StoreFitness(sound, environment);
        assertThat(fitness.judge(Unknown.IS_TRUSTED)).isInstanceOf(Answer.Trusted.class);
        assertThat(remembered()).isEmpty();
        remember(sound.location(), Verdict.FAILED);
        assertThat(fitness.judge(Unknown.IS_TRUSTED)).isInstanceOf(Answer.Unfit.class);
    }
}
