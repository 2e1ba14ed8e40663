package io.lsmbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.decorator.StoreHealth;
import io.lsmbd.objectstore.decorator.WatchedObjectStore;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.testkit.ScriptedFaults;
import io.lsmbd.testkit.TestEnvironment;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StoreWatchTest {
    private static final ObjectKey KEY = ObjectKey.probeResult();

    private final TestEnvironment environment = new TestEnvironment("boot");
    private final ScriptedFaults faults = new ScriptedFaults();
    private long nowNanos;
    private final StoreHealth health = new StoreHealth(() -> nowNanos);
    private final ObjectStore store =
            new WatchedObjectStore(
                    new FaultyObjectStore(new MemoryObjectStore(() -> 0), environment, faults),
                    health);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final StoreWatch watch =
            new StoreWatch(
                    environment, store, health, new StoreWatch.Log(() -> 0, () -> 1), registry);

    private double up() {
        return registry.get("lsmbd.store.up").gauge().value();
    }

    private void fails() {
        try {
            assertThat(store.info(KEY)).isNull();
        } catch (ObjectStoreException e) {
            assertThat(e.isRetryable()).isTrue();
        }
    }

    @Test
    void troubleIsToldAndEndsByItselfOnceTheStoreIsBack() {
        faults.always(Operation.INFO, "", new Fault.Unavailable());
        watch.runOnce();
        assertThat(watch.problem()).isEmpty();
        assertThat(up()).isEqualTo(1);
        fails();
        nowNanos += Duration.ofSeconds(3).toNanos();
        fails();

        assertThat(watch.problem().orElseThrow())
                .startsWith("the object store has failed for 3 s: planned Unavailable")
                .endsWith("writes go on into the log until it is full, then they wait");
        assertThat(up()).isZero();
        watch.runOnce(); // asks, as nobody else does: in vain
        assertThat(watch.problem()).isPresent();
        faults.clear();
        for (int i = 0; i < 5; i++) {
            watch.runOnce();
        }

        assertThat(watch.problem()).isEmpty();
        assertThat(up()).isEqualTo(1);
    }

    @Test
    void aStoreThatIsWellIsAskedNothing() {
        faults.once(Operation.INFO, "", new Fault.Unavailable());
        for (int i = 0; i < 20; i++) {
            nowNanos += Duration.ofSeconds(1).toNanos();
            watch.runOnce();
        }

        assertThat(faults.isUsedUp()).isFalse();
    }

    @Test
    void howLongTheLogLastsIsToldByTheRateOfTheLastSeconds() {
        LogRate rate = new LogRate();
        assertThat(rate.timeFor(1000)).isEmpty();
        for (int second = 0; second <= 30; second++) {
            rate.sample(
                    Duration.ofSeconds(second).toNanos(), second < 20 ? 0 : (second - 20) * 10L);
        }

        assertThat(rate.timeFor(1000)).contains(Duration.ofSeconds(100));
        rate.sample(Duration.ofSeconds(60).toNanos(), 100);
        rate.sample(Duration.ofSeconds(61).toNanos(), 100);
        assertThat(rate.timeFor(1000)).isEmpty();
    }
}
