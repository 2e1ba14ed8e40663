package io.lsmbd.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.decorator.MeteredObjectStore;
import io.lsmbd.objectstore.decorator.RetryConfig;
import io.lsmbd.objectstore.decorator.RetryingObjectStore;
import io.lsmbd.objectstore.decorator.StorePrices;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Retries around metrics around faults, as the server wires them. */
class RetryingObjectStoreTest extends ObjectStoreContract {
    private static final ObjectKey KEY = new ObjectKey("v/1/manifest");
    private static final RetryConfig CONFIG =
            new RetryConfig(Duration.ofSeconds(30), Duration.ofMillis(50), Duration.ofSeconds(5));

    private final Environment environment = new InstantSleep();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ScriptedFaults faults = new ScriptedFaults();

    @Override
    protected ObjectStore open() {
        ObjectStore faulty =
                new FaultyObjectStore(new MemoryObjectStore(() -> 0), environment, faults);
        return new RetryingObjectStore(
                new MeteredObjectStore(faulty, environment.nanoClock(), registry, StorePrices.FREE),
                environment,
                CONFIG);
    }

    private PutOutcome put(String text) throws ObjectStoreException {
        return store().put(
                        KEY,
                        List.of(ByteBuffer.wrap(text.getBytes(UTF_8))),
                        new PutCondition.IfAbsent());
    }

    private double requests(String operation, String result) {
        return registry.get("lsmbd.store.requests")
                .tags("op", operation, "result", result)
                .counter()
                .count();
    }

    @Test
    void whatMaySucceedLaterIsTriedAgain() throws ObjectStoreException {
        for (Operation operation : Operation.values()) {
            faults.times(3, operation, "v/", new Fault.Unavailable());
        }
        assertThat(put("hello")).isInstanceOf(PutOutcome.Stored.class);
        assertThat(store().get(KEY).bytes()).hasSize(5);
        assertThat(store().info(KEY).sizeBytes()).isEqualTo(5);
        assertThat(store().list("v/", null, 10).objects()).hasSize(1);
        ByteBuffer into = ByteBuffer.allocate(5);
        store().read(KEY, 0, into);
        assertThat(new String(into.array(), UTF_8)).isEqualTo("hello");
        store().delete(List.of(KEY));
        assertThat(faults.isUsedUp()).isTrue();
        for (String operation : List.of("put", "get", "read", "info", "list", "delete")) {
            assertThat(requests(operation, "retryable")).isEqualTo(3);
            assertThat(requests(operation, "ok")).isEqualTo(1);
        }
    }

    @Test
    void aReadThatStoppedInTheMiddleBeginsAnew() throws ObjectStoreException {
        assertThat(put("0123456789")).isInstanceOf(PutOutcome.Stored.class);
        faults.once(Operation.READ, "v/", new Fault.ShortBody(4));
        ByteBuffer into = ByteBuffer.allocate(12).position(1).limit(11);
        store().read(KEY, 0, into);
        assertThat(into.position()).isEqualTo(11);
        assertThat(new String(into.array(), 1, 10, UTF_8)).isEqualTo("0123456789");
    }

    @Test
    void anUnknownPutIsLeftToTheCaller() throws ObjectStoreException {
        faults.once(Operation.PUT, "v/", new Fault.LostReply());
        assertThat(put("hello")).isInstanceOf(PutOutcome.Unknown.class);
        assertThat(put("hello")).isInstanceOf(PutOutcome.ConditionFailed.class);
        assertThat(requests("put", "unknown")).isEqualTo(1);
        assertThat(requests("put", "condition_failed")).isEqualTo(1);
    }

    @Test
    void anAbsentObjectIsNotAskedForAgain() {
        assertThatThrownBy(() -> store().get(KEY))
                .isInstanceOfSatisfying(
                        ObjectStoreException.class, e -> assertThat(e.isNotFound()).isTrue());
        assertThat(requests("get", "not_found")).isEqualTo(1);
    }

    @Test
    void theDeadlineEndsIt() {
        faults.always(Operation.INFO, "v/", new Fault.Unavailable());
        assertThatThrownBy(() -> store().info(KEY))
                .isInstanceOfSatisfying(
                        ObjectStoreException.class, e -> assertThat(e.isRetryable()).isTrue())
                .hasMessageContaining("failed")
                .hasMessageContaining(KEY.value());
        assertThat(environment.nanoClock().nanos()).isBetween(25_000_000_000L, 30_000_000_000L);
        assertThat(requests("info", "retryable")).isBetween(11.0, 18.0);
    }

    @Test
    void bytesAreCounted() throws ObjectStoreException {
        assertThat(put("hello")).isInstanceOf(PutOutcome.Stored.class);
        store().read(KEY, 1, ByteBuffer.allocate(3));
        assertThat(store().get(KEY).bytes()).hasSize(5);
        assertThat(bytes("up")).isEqualTo(5);
        assertThat(bytes("down")).isEqualTo(8);
    }

    private double bytes(String direction) {
        return registry.get("lsmbd.store.bytes").tag("direction", direction).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }
}
