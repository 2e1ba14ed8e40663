package io.lsmbd.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.Task;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.decorator.HedgeConfig;
import io.lsmbd.objectstore.decorator.HedgingObjectStore;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.fault.Gate;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The contract holds with second requests as often as possible; the rest is about the late. */
class HedgingObjectStoreTest extends ObjectStoreContract {
    private static final String SEGMENTS = "v/0123456789abcdef/segments/";
    private static final ObjectKey SEGMENT = new ObjectKey(SEGMENTS + "00000000000000001000");
    private static final ObjectKey MANIFEST = new ObjectKey("v/0123456789abcdef/manifest");
    private static final PutCondition IF_ABSENT = new PutCondition.IfAbsent();

    private final TestEnvironment environment = new TestEnvironment("boot");
    private final Gate gate = new Gate(environment);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ScriptedFaults faults = new ScriptedFaults();
    private final MemoryObjectStore inner = new MemoryObjectStore(() -> 0);

    @Override
    protected ObjectStore open() {
        return hedging(new FaultyObjectStore(inner, environment, faults));
    }

    private ObjectStore hedging(ObjectStore store) {
        HedgeConfig always =
                new HedgeConfig(
                        1,
                        Duration.ofNanos(1),
                        Duration.ofMillis(1),
                        DataSize.ofMebibytes(1),
                        DataSize.ofMebibytes(8));
        return new HedgingObjectStore(store, environment, always, registry);
    }

    private static List<ByteBuffer> body(String text) {
        return List.of(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    private static void warmUp(ObjectStore store) throws ObjectStoreException {
        for (int i = 0; i < 64; i++) {
            ObjectKey key = new ObjectKey(SEGMENTS + "%020d".formatted(i));
            assertThat(store.put(key, body("warm"), IF_ABSENT)).isNotNull();
            store.read(key, 0, ByteBuffer.allocate(4));
        }
        assertThat(store.get(new ObjectKey(SEGMENTS + "%020d".formatted(0))).bytes()).hasSize(4);
    }

    private double hedges(String operation, String winner) {
        return registry.get("lsmbd.store.hedges")
                .tags("op", operation, "winner", winner)
                .counter()
                .count();
    }

    @Test
    void aReadThatIsLateIsAskedForAgain() throws ObjectStoreException {
        AtomicInteger reads = new AtomicInteger();
        Gate lateIsDone = new Gate(environment);
        ObjectStore store =
                hedging(
                        new ForwardingStore(inner) {
                            @Override
                            public void read(ObjectKey key, long offset, ByteBuffer into)
                                    throws ObjectStoreException {
                                boolean isLate =
                                        key.equals(SEGMENT) && reads.incrementAndGet() == 1;
                                if (isLate) {
                                    gate.pass();
                                }
                                super.read(key, offset, into);
                                if (isLate) {
                                    lateIsDone.open();
                                }
                            }
                        });
        warmUp(store);
        assertThat(inner.put(SEGMENT, body("0123456789"), IF_ABSENT)).isNotNull();
        double before = hedges("get", "second");
        ByteBuffer into = ByteBuffer.allocate(6).position(1).limit(5);
        store.read(SEGMENT, 2, into);
        assertThat(into.position()).isEqualTo(5);
        assertThat(new String(into.array(), 1, 4, UTF_8)).isEqualTo("2345");
        assertThat(hedges("get", "second") - before).isEqualTo(1);
        // The memory is the caller's again: the late answer does not come into it.
        into.clear().put("??????".getBytes(UTF_8));
        gate.open();
        lateIsDone.pass();
        assertThat(new String(into.array(), UTF_8)).isEqualTo("??????");
    }

    @Test
    void aSegmentThatIsLateIsPutAgainFromACopy() throws ObjectStoreException {
        List<String> seen = new CopyOnWriteArrayList<>();
        AtomicInteger puts = new AtomicInteger();
        Gate read = new Gate(environment);
        ObjectStore store =
                hedging(
                        new ForwardingStore(inner) {
                            @Override
                            public PutOutcome put(
                                    ObjectKey key, List<ByteBuffer> body, PutCondition condition)
                                    throws ObjectStoreException {
                                boolean isLate = key.equals(SEGMENT) && puts.incrementAndGet() == 1;
                                if (isLate) {
                                    gate.pass();
                                }
                                PutOutcome outcome = super.put(key, body, condition);
                                if (isLate) {
                                    seen.add(UTF_8.decode(body.getFirst()) + " " + outcome);
                                    read.open();
                                }
                                return outcome;
                            }
                        });
        warmUp(store);
        double before = hedges("put", "second");
        byte[] mine = "mine".getBytes(UTF_8);
        assertThat(store.put(SEGMENT, List.of(ByteBuffer.wrap(mine)), IF_ABSENT))
                .isInstanceOf(PutOutcome.Stored.class);
        assertThat(hedges("put", "second") - before).isEqualTo(1);
        mine[0] = '?';
        gate.open();
        read.pass();
        assertThat(seen).containsExactly("mine ConditionFailed[]");
        assertThat(new String(inner.get(SEGMENT).bytes(), UTF_8)).isEqualTo("mine");
    }

    @Test
    void aPutThatMetItselfIsToldAsItIs() throws ObjectStoreException {
        AtomicInteger puts = new AtomicInteger();
        ObjectStore store =
                hedging(
                        new ForwardingStore(inner) {
                            @Override
                            public PutOutcome put(
                                    ObjectKey key, List<ByteBuffer> body, PutCondition condition)
                                    throws ObjectStoreException {
                                PutOutcome outcome = super.put(key, body, condition);
                                if (key.equals(SEGMENT) && puts.incrementAndGet() == 1) {
                                    gate.pass();
                                }
                                return outcome;
                            }
                        });
        warmUp(store);
        assertThat(store.put(SEGMENT, body("mine"), IF_ABSENT))
                .isInstanceOf(PutOutcome.ConditionFailed.class);
        assertThat(new String(inner.get(SEGMENT).bytes(), UTF_8)).isEqualTo("mine");
        gate.open();
    }

    @Test
    void onlySegmentsArePutTwiceAndOnlyCreateOnly() throws ObjectStoreException {
        warmUp(store());
        double before = hedges("put", "first") + hedges("put", "second") + hedges("put", "none");
        faults.once(Operation.PUT, MANIFEST.value(), new Fault.Delay(Duration.ofMillis(20)));
        faults.once(Operation.PUT, SEGMENT.value(), new Fault.Delay(Duration.ofMillis(20)));
        assertThat(store().put(MANIFEST, body("m"), IF_ABSENT))
                .isInstanceOf(PutOutcome.Stored.class);
        assertThat(store().put(SEGMENT, body("s"), new PutCondition.Unconditional()))
                .isInstanceOf(PutOutcome.Stored.class);
        assertThat(hedges("put", "first") + hedges("put", "second") + hedges("put", "none"))
                .isEqualTo(before);
    }

    /** An attempt that certainly stored nothing does not speak for the one that may have. */
    @Test
    void aFailureOfOneLeavesTheOther() throws ObjectStoreException {
        warmUp(store());
        faults.once(Operation.PUT, SEGMENT.value(), new Fault.Hang(gate));
        faults.once(Operation.PUT, SEGMENT.value(), new Fault.Unavailable());
        AtomicReference<PutOutcome> outcome = new AtomicReference<>();
        Task putting =
                environment.spawn(
                        "putting",
                        () -> {
                            try {
                                outcome.set(store().put(SEGMENT, body("s"), IF_ABSENT));
                            } catch (ObjectStoreException e) {
                                throw new AssertionError(e);
                            }
                        });
        while (!faults.isUsedUp()) {
            Thread.onSpinWait();
        }
        assertThat(outcome.get()).isNull();
        gate.open();
        putting.join();
        assertThat(outcome.get()).isInstanceOf(PutOutcome.Stored.class);
        assertThat(environment.deaths()).isEmpty();
    }

    @Test
    void whereNobodyKnowsOfOneNobodyKnowsOfBoth() throws ObjectStoreException {
        AtomicInteger puts = new AtomicInteger();
        ObjectStore store =
                hedging(
                        new ForwardingStore(inner) {
                            @Override
                            public PutOutcome put(
                                    ObjectKey key, List<ByteBuffer> body, PutCondition condition)
                                    throws ObjectStoreException {
                                if (!key.equals(SEGMENT)) {
                                    return super.put(key, body, condition);
                                }
                                if (puts.incrementAndGet() == 1) {
                                    gate.pass();
                                    return new PutOutcome.Unknown("no answer");
                                }
                                gate.open();
                                throw new ObjectStoreException(Outlook.RETRYABLE, "refused");
                            }
                        });
        warmUp(store);
        assertThat(store.put(SEGMENT, body("s"), IF_ABSENT)).isInstanceOf(PutOutcome.Unknown.class);
        assertThat(hedges("put", "none")).isEqualTo(1);
    }

    @Test
    void whatFailsAtOnceFailsAtOnce() throws ObjectStoreException {
        warmUp(store());
        faults.once(Operation.GET, MANIFEST.value(), new Fault.Unavailable());
        assertThatThrownBy(() -> store().get(MANIFEST)).isInstanceOf(ObjectStoreException.class);
        assertThatThrownBy(() -> store().get(MANIFEST))
                .isInstanceOfSatisfying(
                        ObjectStoreException.class, e -> assertThat(e.isNotFound()).isTrue());
    }
}
