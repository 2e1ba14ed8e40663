package io.lsmbd.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.Environment;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.env.Task;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import io.lsmbd.objectstore.fault.FaultRule;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.fault.Gate;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class FaultyObjectStoreTest extends ObjectStoreContract {
    private static final ObjectKey KEY = new ObjectKey("v/1/manifest");
    private static final PutCondition IF_ABSENT = new PutCondition.IfAbsent();

    private final Environment environment =
            new SystemEnvironment((_, death) -> death.printStackTrace());
    private final ScriptedFaults faults = new ScriptedFaults();
    private final MemoryObjectStore inner = new MemoryObjectStore(() -> 0);

    /** Without faults it is as good as the store inside. */
    @Override
    protected ObjectStore open() {
        return new FaultyObjectStore(inner, environment, faults);
    }

    private static List<ByteBuffer> body(String text) {
        return List.of(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    private void assertStored(PutOutcome outcome) {
        assertThat(outcome).isInstanceOf(PutOutcome.Stored.class);
    }

    @Test
    void aLostRequestDidNothing() throws ObjectStoreException {
        faults.once(Operation.PUT, "v/", new Fault.LostRequest());
        assertThat(store().put(KEY, body("x"), IF_ABSENT)).isInstanceOf(PutOutcome.Unknown.class);
        assertThat(faults.isUsedUp()).isTrue();
        assertStored(store().put(KEY, body("y"), IF_ABSENT));
    }

    @Test
    void aLostReplyDidAll() throws ObjectStoreException {
        faults.once(Operation.PUT, "v/", new Fault.LostReply());
        assertThat(store().put(KEY, body("x"), IF_ABSENT)).isInstanceOf(PutOutcome.Unknown.class);
        assertThat(store().put(KEY, body("y"), IF_ABSENT))
                .isInstanceOf(PutOutcome.ConditionFailed.class);
        faults.once(Operation.DELETE, "v/", new Fault.LostReply());
        assertThatThrownBy(() -> store().delete(List.of(KEY)))
                .isInstanceOf(ObjectStoreException.class);
        assertThatThrownBy(() -> inner.get(KEY)).isInstanceOf(ObjectStoreException.class);
    }

    @Test
    void aLatePutHappensWhenTheGateOpens() throws ObjectStoreException {
        Gate gate = new Gate(environment);
        faults.once(Operation.PUT, "v/", new Fault.LatePut(gate));
        byte[] reused = "late".getBytes(UTF_8);
        PutOutcome outcome = store().put(KEY, List.of(ByteBuffer.wrap(reused)), IF_ABSENT);
        assertThat(outcome).isInstanceOf(PutOutcome.Unknown.class);
        reused[0] = '?';
        assertThat(store().list("", null, 10).objects()).isEmpty();
        gate.open();
        assertThat(new String(store().get(KEY).bytes(), UTF_8)).isEqualTo("late");
    }

    @Test
    void aRequestHangsUntilTheGateOpens() throws ObjectStoreException {
        Gate gate = new Gate(environment);
        faults.once(Operation.PUT, "v/", new Fault.Hang(gate));
        AtomicReference<PutOutcome> outcome = new AtomicReference<>();
        Task task =
                environment.spawn(
                        "hanging",
                        () -> {
                            try {
                                outcome.set(store().put(KEY, body("x"), IF_ABSENT));
                            } catch (ObjectStoreException e) {
                                throw new AssertionError(e);
                            }
                        });
        gate.awaitWaiting(1);
        assertThat(outcome.get()).isNull();
        gate.open();
        task.join();
        assertStored(outcome.get());
    }

    @Test
    void readsComeBackDamagedOrShort() throws ObjectStoreException {
        assertStored(store().put(KEY, body("0123456789"), IF_ABSENT));
        faults.once(Operation.READ, "v/", new Fault.FlippedBit(8 * 3));
        faults.once(Operation.GET, "v/", new Fault.FlippedBit(8 * 13 + 1));
        ByteBuffer into = ByteBuffer.allocate(10);
        store().read(KEY, 0, into);
        assertThat(new String(into.array(), UTF_8)).isEqualTo("0122456789");
        assertThat(new String(store().get(KEY).bytes(), UTF_8)).isEqualTo("0121456789");
        faults.once(Operation.READ, "v/", new Fault.ShortBody(3));
        faults.once(Operation.GET, "v/", new Fault.ShortBody(3));
        assertThatThrownBy(() -> store().read(KEY, 0, into.clear()))
                .isInstanceOf(ObjectStoreException.class);
        assertThat(new String(store().get(KEY).bytes(), UTF_8)).isEqualTo("0123456");
        assertThat(new String(store().get(KEY).bytes(), UTF_8)).isEqualTo("0123456789");
    }

    @Test
    void aStaleListMissesTheNewestKeys() throws ObjectStoreException {
        for (int i = 9; i > 0; i--) {
            assertStored(store().put(new ObjectKey("k/" + i), body(""), IF_ABSENT));
        }
        faults.once(Operation.LIST, "k/", new Fault.StaleList(3));
        assertThat(store().list("k/", null, 100).objects()).hasSize(6);
        assertThat(store().list("k/", null, 100).objects()).hasSize(9);
    }

    @Test
    void conditionsAreToldNotToHold() throws ObjectStoreException {
        faults.once(Operation.PUT, "v/", new Fault.Conflict());
        assertThatThrownBy(() -> store().put(KEY, body("x"), IF_ABSENT))
                .isInstanceOf(ObjectStoreException.class);
        faults.once(Operation.PUT, "v/", new Fault.RefusedCondition());
        assertThat(store().put(KEY, body("x"), IF_ABSENT))
                .isInstanceOf(PutOutcome.ConditionFailed.class);
        assertThat(store().list("", null, 10).objects()).isEmpty();
        faults.once(Operation.PUT, "v/", new Fault.MetItself());
        assertThat(store().put(KEY, body("mine"), IF_ABSENT))
                .isInstanceOf(PutOutcome.ConditionFailed.class);
        assertThat(new String(store().get(KEY).bytes(), UTF_8)).isEqualTo("mine");
        faults.once(Operation.PUT, "v/", new Fault.RefusedCondition());
        assertStored(store().put(KEY, body("z"), new PutCondition.Unconditional()));
    }

    @Test
    void timeGoesBy() throws ObjectStoreException {
        InstantSleep instant = new InstantSleep();
        ObjectStore slow = new FaultyObjectStore(inner, instant, faults);
        faults.once(Operation.PUT, "v/", new Fault.SlowBody(1000));
        assertStored(slow.put(KEY, body("0123456789"), IF_ABSENT));
        assertThat(instant.nanoClock().nanos()).isEqualTo(10_000_000);
        faults.once(Operation.READ, "v/", new Fault.SlowBody(1000));
        slow.read(KEY, 4, ByteBuffer.allocate(6));
        assertThat(instant.nanoClock().nanos()).isEqualTo(16_000_000);
        faults.once(Operation.GET, "v/", new Fault.LateReply(Duration.ofMillis(4)));
        assertThat(slow.get(KEY).bytes()).hasSize(10);
        assertThat(instant.nanoClock().nanos()).isEqualTo(20_000_000);
        faults.once(Operation.PUT, "v/", new Fault.Silence(Duration.ofSeconds(1)));
        assertThat(slow.put(KEY, body("x"), IF_ABSENT)).isInstanceOf(PutOutcome.Unknown.class);
        faults.once(Operation.INFO, "v/", new Fault.Silence(Duration.ofSeconds(1)));
        assertThatThrownBy(() -> slow.info(KEY)).isInstanceOf(ObjectStoreException.class);
        assertThat(instant.nanoClock().nanos()).isEqualTo(2_020_000_000);
    }

    @Test
    void aPutThatIsLateByTimeHappensByItself() throws ObjectStoreException {
        faults.once(Operation.PUT, "v/", new Fault.LatePutAfter(Duration.ofMillis(1)));
        CompletableFuture<String> arrived = new CompletableFuture<>();
        ObjectStore told =
                new FaultyObjectStore(
                        new ForwardingStore(inner) {
                            @Override
                            public PutOutcome put(
                                    ObjectKey key, List<ByteBuffer> body, PutCondition condition) {
                                arrived.complete(UTF_8.decode(body.getFirst()).toString());
                                return new PutOutcome.ConditionFailed();
                            }
                        },
                        environment,
                        faults);
        byte[] reused = "late".getBytes(UTF_8);
        PutOutcome outcome = told.put(KEY, List.of(ByteBuffer.wrap(reused)), IF_ABSENT);
        assertThat(outcome).isInstanceOf(PutOutcome.Unknown.class);
        reused[0] = '?';
        assertThat(arrived.join()).isEqualTo("late");
    }

    @Test
    void severalRulesStrikeOneRequest() throws ObjectStoreException {
        InstantSleep instant = new InstantSleep();
        ObjectStore faulty =
                FaultyObjectStore.around(
                        inner,
                        instant,
                        List.of(
                                FaultRule.parse("latency ms=20"),
                                FaultRule.parse("latency op=put ms=5"),
                                FaultRule.parse("slow-down op=get")),
                        7);
        assertStored(faulty.put(KEY, body("x"), IF_ABSENT));
        assertThat(instant.nanoClock().nanos()).isEqualTo(25_000_000);
        assertThatThrownBy(() -> faulty.get(KEY)).isInstanceOf(ObjectStoreException.class);
        assertThat(instant.nanoClock().nanos()).isEqualTo(45_000_000);
    }
}
