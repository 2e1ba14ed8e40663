package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.Task;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Durability;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.fault.Gate;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.read.Holes;
import io.lsmbd.volume.Volume;
import io.lsmbd.volume.VolumeSettings;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Durability and compression of a volume that is in use. */
class EngineSettingsTest {
    private static final DataSize SIZE = DataSize.ofMebibytes(1);
    private final TestEnvironment environment = new TestEnvironment("boot");
    private final MemoryObjectStore store = new MemoryObjectStore(environment.wallClock());
    private final ScriptedFaults faults = new ScriptedFaults();
    private final MemoryLogDirectory log = new MemoryLogDirectory();
    private final Gate gate = new Gate(environment);
    @TempDir private Path folder;

    @AfterEach
    void noTaskDied() {
        assertThat(environment.deaths()).isEmpty();
    }

    private Engine open(MemoryLogDirectory log, String directory) throws StorageException {
        return new Engine(
                new Engine.Disks(
                        environment,
                        new FaultyObjectStore(store, environment, faults),
                        log,
                        folder.resolve(directory),
                        directory));
    }

    private static Manifest set(Engine engine, Durability durability) throws StorageException {
        VolumeSettings wanted = new VolumeSettings(Optional.of(durability), Optional.empty());
        return engine.volumes().set(Engine.NAME, wanted).info().manifest();
    }

    private static String segments(Volume volume) {
        return ObjectKey.prefixOf(volume.info().manifest().volume(), ObjectKey.Kind.SEGMENT);
    }

    private Task flushing(Volume volume, AtomicBoolean isFlushed) {
        return environment.spawn(
                "flushing",
                () -> {
                    try {
                        Flush.now(volume, environment);
                        isFlushed.set(true);
                    } catch (StorageException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    @Test
    void theNextFlushWaitsForTheStore() throws StorageException {
        Engine first = open(log, "first");
        Volume volume = first.create(SIZE, Durability.LOCAL);
        faults.always(Operation.PUT, segments(volume), new Fault.Hang(gate));
        put(volume, 1, 11);
        Flush.now(volume, environment);

        assertThat(set(first, Durability.OBJECT).durability()).isEqualTo(Durability.OBJECT);
        AtomicBoolean isFlushed = new AtomicBoolean();
        Task flushing = flushing(volume, isFlushed);
        gate.awaitWaiting(1);
        assertThat(isFlushed).isFalse();
        gate.open();
        flushing.join();
        assertThat(isFlushed).isTrue();
        first.abandon();

        // The host is lost, and nothing with it; the volume has kept its durability.
        Engine second = open(new MemoryLogDirectory(), "second");
        Volume again = second.attach();
        assertThat(get(again, 1)).isEqualTo(11);
        assertThat(again.info().manifest().durability()).isEqualTo(Durability.OBJECT);
        second.close();
    }

    @Test
    void theNextFlushWaitsForTheStoreNoMore() throws StorageException {
        Engine engine = open(log, "first");
        Volume volume = engine.create(SIZE, Durability.OBJECT);
        faults.always(Operation.PUT, segments(volume), new Fault.Hang(gate));
        put(volume, 1, 11);
        AtomicBoolean isFlushed = new AtomicBoolean();
        Task before = flushing(volume, isFlushed);
        gate.awaitWaiting(1);
        set(engine, Durability.LOCAL);
        Flush.now(volume, environment);
        // What was promised before is kept.
        assertThat(isFlushed).isFalse();
        gate.open();
        before.join();
        engine.close();
    }

    @Test
    void theNextSegmentIsCompressedSo() throws StorageException {
        Engine engine = open(log, "first");
        Volume volume = engine.create(SIZE, Durability.LOCAL);
        put(volume, 1, 11);
        volume.drain();
        long compressed = newestSegmentBytes(volume);
        engine.volumes()
                .set(Engine.NAME, new VolumeSettings(Optional.empty(), Optional.of("none")));
        put(volume, 1, 11);
        volume.drain();
        assertThat(newestSegmentBytes(volume)).isGreaterThan(4096).isGreaterThan(compressed);
        assertThat(volume.info().manifest().compression()).isEqualTo("none");
        assertThat(volume.info().manifest().durability()).isEqualTo(Durability.LOCAL);
        assertThat(get(volume, 1)).isEqualTo(11);
        engine.close();
    }

    private long newestSegmentBytes(Volume volume) throws StorageException {
        return store.list(segments(volume), null, 1000).objects().getLast().sizeBytes();
    }

    @Test
    void anAnswerThatIsLostChangesNothing() throws StorageException {
        Engine engine = open(log, "first");
        Volume volume = engine.create(SIZE, Durability.LOCAL);
        faults.once(
                Operation.PUT,
                ObjectKey.manifest(volume.info().manifest().volume()).value(),
                new Fault.LostReply());
        assertThat(set(engine, Durability.OBJECT).durability()).isEqualTo(Durability.OBJECT);
        assertThat(faults.isUsedUp()).isTrue();
        engine.close();
    }

    @Test
    void onlyTheWriterMayChangeIt() throws StorageException {
        Engine first = open(log, "first");
        Volume old = first.create(SIZE, Durability.LOCAL);
        put(old, 1, 11);
        old.drain();
        Engine second = open(new MemoryLogDirectory(), "second");
        Volume now = second.attach();
        assertThatThrownBy(() -> set(first, Durability.OBJECT)).isInstanceOf(FencedException.class);
        second.volumes().set(Engine.NAME, new VolumeSettings(Optional.empty(), Optional.empty()));
        assertThat(now.info().manifest().durability()).isEqualTo(Durability.LOCAL);
        first.abandon();
        second.close();
    }

    @Test
    void whatIsNotThereCannotBeChanged() throws StorageException {
        Engine engine = open(log, "first");
        assertThatThrownBy(() -> set(engine, Durability.OBJECT))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("not attached");
        assertThatThrownBy(() ->
                        engine.volumes()
                                .set(
                                        Engine.NAME,
                                        new VolumeSettings(Optional.empty(), Optional.of("rar"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no such compression");
        engine.close();
    }

    private static void put(Volume volume, int page, int stamp) throws StorageException {
        ByteBuffer data = ByteBuffer.allocateDirect(4096);
        while (data.hasRemaining()) {
            data.putInt(stamp);
        }
        volume.write(page * 4096L, new ByteBuffer[] {data.flip()}, 1);
    }

    private static int get(Volume volume, int page) throws StorageException {
        ByteBuffer data = ByteBuffer.allocateDirect(4096);
        volume.read(page * 4096L, data, Holes.unwanted());
        return data.getInt(4092);
    }
}
