package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.FencedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Checkpoint;
import io.lsmbd.manifest.Durability;
import io.lsmbd.manifest.ManifestStore;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.fault.Gate;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.read.Holes;
import io.lsmbd.volume.Volume;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint's way into the manifest while the volume is in use; {@link Engine}'s are of 5. */
@Timeout(60)
class EngineCheckpointTest {
    private static final DataSize SIZE = DataSize.ofMebibytes(1);
    private final TestEnvironment environment = new TestEnvironment("boot");
    private final MemoryObjectStore store = new MemoryObjectStore(environment.wallClock());
    private final ScriptedFaults faults = new ScriptedFaults();
    private final Gate gate = new Gate(environment);
    @TempDir private Path folder;
    private Engine engine;
    private Volume volume;

    @BeforeEach
    void open() throws StorageException {
        engine = engine("first");
        volume = engine.create(SIZE, Durability.OBJECT);
    }

    @AfterEach
    void noTaskDied() {
        assertThat(environment.deaths()).isEmpty();
    }

    private Engine engine(String directory) throws StorageException {
        return new Engine(
                new Engine.Disks(
                        environment,
                        new FaultyObjectStore(store, environment, faults),
                        new MemoryLogDirectory(),
                        folder.resolve(directory),
                        directory));
    }

    private String manifest() {
        return ObjectKey.manifest(volume.info().manifest().volume()).value();
    }

    private Checkpoint checkpoint() throws StorageException {
        var volumeId = volume.info().manifest().volume();
        return new ManifestStore(store, environment).load(volumeId).manifest().checkpoint();
    }

    /** A segment each. */
    private void flush(int from, int to) throws StorageException {
        for (int page = from; page < to; page++) {
            ByteBuffer data = ByteBuffer.allocate(4096).putInt(0, page + 1);
            volume.write(page * 4096L, new ByteBuffer[] {data}, 1);
            Flush.now(volume, environment);
        }
    }

    private void expectAllAtAnotherHost(int pages) throws StorageException {
        Engine other = engine("second");
        Volume there = other.attach();
        ByteBuffer data = ByteBuffer.allocate(4096);
        for (int page = 0; page < pages; page++) {
            there.read(page * 4096L, data.clear(), Holes.unwanted());
            assertThat(data.getInt(0)).isEqualTo(page + 1);
        }
        other.close();
    }

    @Test
    void noFlushWaitsUntilTheManifestNamesIt() throws StorageException {
        faults.always(Operation.PUT, manifest(), new Fault.Hang(gate));
        Checkpoint before = checkpoint();
        flush(0, 5);
        gate.awaitWaiting(1);
        flush(5, 13);
        long last = volume.info().committedSegment();
        assertThat(last).isGreaterThanOrEqualTo(13);
        assertThat(checkpoint()).isEqualTo(before);
        gate.open();
        engine.close();
        assertThat(checkpoint().segment()).isEqualTo(last);
        expectAllAtAnotherHost(13);
    }

    @Test
    void oneThatTheManifestDidNotTakeIsTakenAgain() throws StorageException {
        faults.once(Operation.PUT, manifest(), new Fault.Unavailable());
        flush(0, 30);
        assertThat(faults.isUsedUp()).isTrue();
        long last = volume.info().committedSegment();
        engine.close();
        assertThat(checkpoint().segment()).isEqualTo(last);
        expectAllAtAnotherHost(30);
    }

    @Test
    void aHostThatLostTheVolumeNamesNone() throws StorageException {
        faults.once(Operation.PUT, manifest(), new Fault.Hang(gate));
        flush(0, 5);
        gate.awaitWaiting(1);
        Engine other = engine("second");
        Checkpoint theirs = other.attach().info().manifest().checkpoint();
        gate.open();
        // Without another segment, or the next renewal of the lease.
        environment.signal().await(() -> volume.failure().isPresent(), Duration.ofSeconds(1));
        assertThat(volume.failure()).containsInstanceOf(FencedException.class);
        assertThatThrownBy(() -> flush(5, 30)).isInstanceOf(StorageException.class);
        assertThat(checkpoint()).isEqualTo(theirs);
        engine.abandon();
        other.close();
        expectAllAtAnotherHost(5);
    }
}
