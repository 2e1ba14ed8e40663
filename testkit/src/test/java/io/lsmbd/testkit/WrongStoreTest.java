package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Durability;
import io.lsmbd.manifest.ManifestStore;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.read.Holes;
import io.lsmbd.volume.Attaching;
import io.lsmbd.volume.Volume;
import io.lsmbd.volume.VolumeNames;
import io.lsmbd.volume.VolumeSpec;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that starts with a log and a store that does not know the log's volumes. */
class WrongStoreTest {
    private static final int BYTES = 4096;

    @TempDir private Path folder;

    private final TestEnvironment environment = new TestEnvironment("boot");
    private final MemoryObjectStore store = new MemoryObjectStore(environment.wallClock());
    private final ScriptedFaults faults = new ScriptedFaults();
    private final MemoryLogDirectory log = new MemoryLogDirectory();

    private Engine over(ObjectStore there, String index) throws StorageException {
        return new Engine(
                new Engine.Disks(environment, there, log, folder.resolve(index), "directory"));
    }

    private void attachAll(Engine engine) throws StorageException {
        try (var attaching = new Attaching(environment, engine.volumes(), Attaching.Gate.OPEN)) {
            assertThat(attaching.runOnce()).isTrue();
        }
    }

    /** Leaves a write that only the log has. */
    private VolumeId leaveWriteInLog(String... others) throws StorageException {
        Engine engine = over(new FaultyObjectStore(store, environment, faults), "index");
        for (String other : others) {
            var name = new VolumeName(other);
            var size = new DataSize(1 << 20);
            engine.volumes().create(new VolumeSpec(name, size, Durability.LOCAL, "lz4"));
        }
        Volume volume = engine.create(new DataSize(1 << 20), Durability.LOCAL);
        VolumeId id = volume.info().manifest().volume();
        faults.always(
                Operation.PUT,
                ObjectKey.prefixOf(id, ObjectKey.Kind.SEGMENT),
                new Fault.Unavailable());
        volume.write(0, new ByteBuffer[] {filled(7)}, 1);
        engine.abandon();
        faults.clear();
        return id;
    }

    private static ByteBuffer filled(int value) {
        ByteBuffer content = ByteBuffer.allocate(BYTES);
        while (content.hasRemaining()) {
            content.put((byte) value);
        }
        return content.flip();
    }

    @Test
    void theLogOutlivesAStartWithTheWrongStore() throws StorageException {
        leaveWriteInLog();
        Engine wrong = over(new MemoryObjectStore(environment.wallClock()), "wrong");
        attachAll(wrong);
        assertThat(wrong.volumes().list()).isEmpty();
        wrong.close();

        Engine right = over(store, "index");
        attachAll(right);
        ByteBuffer found = ByteBuffer.allocate(BYTES);
        right.volumes().volume(Engine.NAME.value()).orElseThrow().read(0, found, Holes.unwanted());
        assertThat(found.rewind()).isEqualTo(filled(7));
        right.close();
    }

    @Test
    void recordsOfADeletedVolumeDoNotPinTheLog() throws StorageException {
        VolumeId id = leaveWriteInLog("another");
        var manifests = new ManifestStore(store, environment);
        new VolumeNames(store, manifests, environment).delete(Engine.NAME, id);
        Engine engine = over(store, "index");
        assertThat(engine.wal().recovery().volumes()).contains(id);
        attachAll(engine);
        assertThat(engine.wal().recovery().volumes()).doesNotContain(id);
        assertThat(engine.volumes().list()).hasSize(1);
        engine.close();
    }
}
