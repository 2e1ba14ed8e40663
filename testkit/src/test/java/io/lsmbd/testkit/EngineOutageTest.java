package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Durability;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.decorator.StoreHealth;
import io.lsmbd.objectstore.decorator.WatchedObjectStore;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.volume.Attaching;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that starts while its store is away. */
class EngineOutageTest {
    @TempDir private Path folder;

    private final TestEnvironment environment = new TestEnvironment("boot");
    private final MemoryObjectStore store = new MemoryObjectStore(environment.wallClock());
    private final ScriptedFaults faults = new ScriptedFaults();
    private final StoreHealth health = new StoreHealth(environment.nanoClock());
    private final MemoryLogDirectory log = new MemoryLogDirectory();

    private Engine engine() throws StorageException {
        var flaky = new FaultyObjectStore(store, environment, faults);
        return new Engine(
                new Engine.Disks(
                        environment,
                        new WatchedObjectStore(flaky, health),
                        log,
                        folder.resolve("index"),
                        "directory"));
    }

    private void createVolume() throws StorageException {
        Engine before = engine();
        before.create(new DataSize(1 << 20), Durability.LOCAL);
        before.close();
    }

    private void attachesOnceTheStoreIsBack() throws StorageException {
        Engine engine = engine();
        try (Attaching attaching =
                new Attaching(environment, engine.volumes(), Attaching.Gate.OPEN)) {
            assertThat(attaching.runOnce()).isFalse();
            assertThat(attaching.obstacle()).isPresent();
            assertThat(attaching.runOnce()).isFalse();
            assertThat(engine.volumes().list()).isEmpty();
            faults.clear();

            assertThat(attaching.runOnce()).isTrue();
            assertThat(attaching.obstacle()).isEmpty();
            assertThat(engine.volumes().list()).hasSize(1);
        }
        engine.close();
        assertThat(health.trouble()).isEmpty();
        assertThat(environment.deaths()).isEmpty();
    }

    @Test
    void theVolumesAreLookedForOnceItIsBack() throws StorageException {
        createVolume();
        faults.always(Operation.LIST, "", new Fault.Unavailable());

        attachesOnceTheStoreIsBack();
    }

    /** What is done with it by hand may fail, and then nobody else would attach it. */
    @Test
    void aVolumeThatIsBusyIsAttachedOnceItIsNot() throws StorageException {
        createVolume();
        var first = new AtomicReference<@Nullable Attaching>();
        var outcomes = new ArrayList<Boolean>();
        FaultPlan inTheMiddle =
                (_, _) -> {
                    Attaching attaching = first.getAndSet(null);
                    if (attaching != null) {
                        try {
                            outcomes.add(attaching.runOnce());
                        } catch (StorageException e) {
                            throw new AssertionError(e);
                        }
                    }
                    return Optional.empty();
                };
        Engine engine =
                new Engine(
                        new Engine.Disks(
                                environment,
                                new FaultyObjectStore(store, environment, inTheMiddle),
                                log,
                                folder.resolve("index"),
                                "directory"));
        try (var attaching = new Attaching(environment, engine.volumes(), Attaching.Gate.OPEN)) {
            first.set(attaching);
            assertThatThrownBy(() -> engine.volumes().discardLog(Engine.NAME))
                    .isInstanceOf(RefusedException.class);
            assertThat(outcomes).containsExactly(false);
            assertThat(attaching.runOnce()).isTrue();
            assertThat(engine.volumes().list()).hasSize(1);
        }
        engine.close();
        assertThat(environment.deaths()).isEmpty();
    }

    @Test
    void aVolumeWhoseAttachFailedIsAttachedOnceItIsBack() throws StorageException {
        createVolume();
        faults.always(Operation.PUT, "v/", new Fault.Unavailable());

        attachesOnceTheStoreIsBack();
    }
}
