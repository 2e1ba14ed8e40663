package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.decorator.LimitingObjectStore;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.fault.Gate;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitingObjectStoreTest extends ObjectStoreContract {
    private static final ObjectKey MAP = new ObjectKey("v/0123456789abcdef/map/1");
    private static final ObjectKey MANIFEST = new ObjectKey("v/0123456789abcdef/manifest");
    private final TestEnvironment environment = new TestEnvironment("boot");
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ScriptedFaults faults = new ScriptedFaults();

    @Override
    protected ObjectStore open() {
        return new LimitingObjectStore(
                new FaultyObjectStore(new MemoryObjectStore(() -> 0), environment, faults),
                environment,
                registry);
    }

    private double gauge(String name) {
        return registry.get("lsmbd.store." + name).gauge().value();
    }

    private double throttled() {
        return registry.get("lsmbd.store.throttled").counter().count();
    }

    private void askInBackground(ObjectKey key) {
        var _ =
                environment.spawnVirtual(
                        "asking",
                        () -> {
                            try {
                                store().info(key);
                            } catch (ObjectStoreException e) {
                                assertThat(e.isNotFound()).isTrue();
                            }
                        });
    }

    /** One that was alone and told to slow down leaves room for one. */
    private void throttle() {
        faults.once(Operation.INFO, "v/", new Fault.SlowDown());
        assertThatThrownBy(() -> store().info(MAP))
                .isInstanceOfSatisfying(
                        ObjectStoreException.class,
                        e -> assertThat(e.isThrottling() && e.isRetryable()).isTrue());
    }

    @Test
    void aStoreThatHasTooManyRequestsGetsFewer() {
        assertThat(gauge("limit")).isGreaterThan(100);
        throttle();
        assertThat(gauge("limit")).isEqualTo(1);
        assertThat(throttled()).isEqualTo(1);
        // A mere failure is none of its news; an answer is, also that there is nothing.
        faults.once(Operation.INFO, "v/", new Fault.Unavailable());
        assertThatThrownBy(() -> store().info(MAP)).hasMessageContaining("Unavailable");
        assertThat(gauge("limit")).isEqualTo(1);
        assertThatThrownBy(() -> store().info(MAP)).isInstanceOf(ObjectStoreException.class);
        assertThat(gauge("limit")).isEqualTo(2);
        assertThat(throttled()).isEqualTo(1);
    }

    @Test
    void leasesAreRenewedWhileSegmentsWait() {
        throttle();
        Gate gate = new Gate(environment);
        faults.times(3, Operation.INFO, MAP.value(), new Fault.Hang(gate));
        List<ObjectKey> megabytes = new ArrayList<>(List.of(MAP, MAP, MAP));
        megabytes.forEach(this::askInBackground);
        gate.awaitWaiting(1);
        while (gauge("requests.waiting") < 2) {
            Thread.onSpinWait();
        }
        assertThat(gauge("requests.under.way")).isEqualTo(1);
        assertThatThrownBy(() -> store().info(MANIFEST)).hasMessageContaining(MANIFEST.value());
        assertThatThrownBy(() -> store().get(MANIFEST)).hasMessageContaining(MANIFEST.value());
        gate.open();
        while (gauge("requests.under.way") > 0) {
            Thread.onSpinWait();
        }
        assertThat(environment.deaths()).isEmpty();
    }
}
