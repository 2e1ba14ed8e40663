package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.Task;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.manifest.Durability;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.fault.Gate;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.read.Holes;
import io.lsmbd.volume.Volume;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two daemons, one volume. */
class EngineTakeoverTest {
    @TempDir private Path folder;

    private final TestEnvironment environment = new TestEnvironment("boot");
    private final MemoryObjectStore store = new MemoryObjectStore(environment.wallClock());
    private final ScriptedFaults faults = new ScriptedFaults();
    private final FaultyObjectStore flaky = new FaultyObjectStore(store, environment, faults);
    private final MemoryLogDirectory firstLog = new MemoryLogDirectory();

    @Test
    void aWriterThatLivesIsNotDisturbed() throws StorageException {
        Engine first = first();
        Volume volume = first.create(new DataSize(1 << 20), Durability.LOCAL);
        AtomicBoolean done = new AtomicBoolean();
        Task writing = environment.spawn("writer", () -> writeUntil(done, volume));
        Engine second = second();

        assertThatThrownBy(second::attach)
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.IN_USE));
        done.set(true);
        writing.join();
        assertThat(volume.info().failure()).isEmpty();
        first.close();
        second.close();
    }

    private void writeUntil(AtomicBoolean done, Volume volume) {
        try {
            while (!done.get()) {
                put(volume, 1, 1);
                environment.sleep(Duration.ofMillis(5));
            }
        } catch (StorageException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoeverOnlyReadsFindsOutThatTheVolumeIsAnothers() throws StorageException {
        Engine first = first();
        Volume old = first.create(new DataSize(1 << 20), Durability.LOCAL);
        put(old, 0, 11);
        old.drain();
        Engine second = second();
        Volume now = second.attach();
        put(now, 0, 22);
        now.drain();
        assertThatThrownBy(
                        () -> {
                            // As many leases as it would take on a machine that stands still now
                            // and then.
                            for (int i = 0; i < 1000; i++) {
                                get(old, 0);
                                environment.sleep(Duration.ofMillis(10));
                            }
                        })
                .isInstanceOf(VolumeClosedException.class);
        assertThat(old.failure()).containsInstanceOf(FencedException.class);
        assertThat(get(now, 0)).isEqualTo(22);
        first.abandon();
        second.close();
        assertThat(environment.deaths()).isEmpty();
    }

    @Test
    void anIdleWriterIsFencedAndItsLaterWritesNeverReachTheVolume() throws StorageException {
        Engine first = first();
        Volume old = first.create(new DataSize(1 << 20), Durability.LOCAL);
        put(old, 0, 11);
        old.drain();
        cutOffFirst();
        Engine second = second();
        Volume now = second.attach();
        assertThat(get(now, 0)).isEqualTo(11);
        put(old, 0, 66);
        put(now, 1, 22);
        now.drain();
        faults.clear();

        assertThatThrownBy(old::drain)
                .isInstanceOf(VolumeClosedException.class)
                .hasCauseInstanceOf(FencedException.class);
        assertThatThrownBy(() -> put(old, 0, 67)).isInstanceOf(VolumeClosedException.class);
        assertThat(get(now, 0)).isEqualTo(11);

        // The old host comes back and takes the volume again: what it had is not replayed.
        first.abandon();
        second.close();
        Engine again = first();
        Volume back = again.attach();
        assertThat(back.recovery().recordsLeftOver()).isPositive();
        assertThat(back.recovery().recordsReplayed()).isZero();
        assertThat(get(back, 0)).isEqualTo(11);
        assertThat(get(back, 1)).isEqualTo(22);
        put(back, 2, 33);
        again.close();
        assertThat(environment.deaths()).isEmpty();
    }

    @Test
    void onlyTheLogOfAVolumeThatIsAnothersCanBeDiscarded() throws StorageException {
        Engine first = first();
        Volume old = first.create(new DataSize(1 << 20), Durability.LOCAL);
        VolumeName name = new VolumeName(old.name());
        VolumeId id = old.info().manifest().volume();
        put(old, 0, 11);
        old.drain();
        cutOffFirst();
        put(old, 0, 66);
        assertRefused(first, name, RefusedException.Reason.IN_USE);
        first.abandon();
        faults.clear();

        Engine again = first();
        assertRefused(again, name, RefusedException.Reason.HAS_DATA);
        Engine second = second();
        Volume now = second.attach();
        put(now, 1, 22);
        assertThat(again.wal().recovery().volumes()).contains(id);
        again.volumes().discardLog(name);
        assertThat(again.wal().recovery().volumes()).isEmpty();
        again.close();
        second.close();
    }

    private static void assertRefused(
            Engine engine, VolumeName name, RefusedException.Reason reason) {
        assertThatThrownBy(() -> engine.volumes().discardLog(name))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void aPutThatArrivesAfterTheTakeoverChangesNothing() throws StorageException {
        Gate gate = new Gate(environment);
        Engine first = first();
        Volume old = first.create(new DataSize(1 << 20), Durability.LOCAL);
        put(old, 0, 11);
        old.drain();
        String segments = "v/" + old.info().manifest().volume() + "/segments/";
        faults.always(FaultPlan.Operation.PUT, segments, new Fault.LatePut(gate));
        put(old, 0, 66);
        environment.sleep(Duration.ofMillis(300));
        first.abandon();

        Engine second = second();
        Volume now = second.attach();
        gate.open();
        put(now, 1, 22);
        now.drain();
        assertThat(get(now, 0)).isEqualTo(11);
        second.close();

        Engine third = open(store, new MemoryLogDirectory(), "third");
        Volume later = third.attach();
        assertThat(get(later, 0)).isEqualTo(11);
        assertThat(get(later, 1)).isEqualTo(22);
        third.close();
    }

    @Test
    void aFlushOfDurabilityObjectOutlivesTheHost() throws StorageException {
        Engine first = first();
        Volume volume = first.create(new DataSize(1 << 20), Durability.OBJECT);
        for (int i = 0; i < 20; i++) {
            put(volume, i, 100 + i);
            Flush.now(volume, environment);
        }
        put(volume, 0, 66);
        first.abandon();

        Engine second = second();
        Volume now = second.attach();
        for (int i = 1; i < 20; i++) {
            assertThat(get(now, i)).isEqualTo(100 + i);
        }
        assertThat(get(now, 0)).isIn(100, 66);
        second.close();
    }

    @Test
    void aDeletionThatWasCutOffIsFinishedAndTheNameIsFreeAgain() throws StorageException {
        Engine first = first();
        Volume volume = first.create(new DataSize(1 << 20), Durability.LOCAL);
        put(volume, 0, 11);
        volume.drain();
        String prefix = "v/" + volume.info().manifest().volume();
        faults.once(FaultPlan.Operation.DELETE, prefix, new Fault.Unavailable());

        assertThatThrownBy(() -> first.volumes().delete(Engine.NAME))
                .isInstanceOf(StorageException.class);
        assertThatThrownBy(first::attach).isInstanceOf(RefusedException.class);
        first.volumes().delete(Engine.NAME);
        Volume again = first.create(new DataSize(1 << 20), Durability.LOCAL);
        assertThat(get(again, 0)).isZero();
        first.close();
    }

    @Test
    void aVolumeThatWasTakenOverCannotBeDeletedByItsOldWriter() throws StorageException {
        Engine first = first();
        Volume old = first.create(new DataSize(1 << 20), Durability.LOCAL);
        put(old, 0, 11);
        old.drain();
        Engine second = second();
        Volume now = second.attach();

        assertThatThrownBy(() -> first.volumes().delete(Engine.NAME))
                .isInstanceOf(FencedException.class);
        assertThat(get(now, 0)).isEqualTo(11);
        first.abandon();
        second.close();
    }

    @Test
    void whoWaitsWhenTheVolumeIsLostIsTold() throws StorageException {
        Engine first = first();
        Volume old = first.create(new DataSize(1 << 20), Durability.OBJECT);
        put(old, 0, 11);
        Flush.now(old, environment);
        Engine second = second();
        cutOffFirst();
        second.attach();
        put(old, 0, 66);
        faults.clear();

        assertThatThrownBy(() -> Flush.now(old, environment)).isInstanceOf(StorageException.class);
        first.abandon();
        second.close();
    }

    @Test
    void anOutageOfTheStoreIsNotNoticedAndHealsByItself() throws StorageException {
        Engine first = first();
        Volume volume = first.create(new DataSize(4 << 20), Durability.LOCAL);
        faults.always(FaultPlan.Operation.PUT, "v/", new Fault.Unavailable());
        for (int i = 0; i < 500; i++) {
            put(volume, i % 50, i);
            assertThat(get(volume, i % 50)).isEqualTo(i);
        }
        Flush.now(volume, environment);
        faults.clear();
        volume.drain();

        assertThat(volume.info().unuploadedBytes()).isZero();
        assertThat(get(volume, 49)).isEqualTo(499);
        first.close();
    }

    @Test
    void aLostReplyToAPutIsRecognisedAsItsOwn() throws StorageException {
        Engine first = first();
        faults.times(2, FaultPlan.Operation.PUT, "v/", new Fault.LostReply());
        Volume volume = first.create(new DataSize(1 << 20), Durability.LOCAL);
        String segments = "v/" + volume.info().manifest().volume() + "/";
        for (int i = 0; i < 10; i++) {
            faults.times(2, FaultPlan.Operation.PUT, segments, new Fault.LostReply());
            put(volume, i, i + 1);
            volume.drain();
        }
        assertThat(volume.info().failure()).isEmpty();
        first.close();

        Engine second = second();
        Volume now = second.attach();
        for (int i = 0; i < 10; i++) {
            assertThat(get(now, i)).isEqualTo(i + 1);
        }
        second.close();
    }

    /** Until the faults are cleared, the first host acknowledges what it cannot know to be lost. */
    private void cutOffFirst() {
        faults.always(FaultPlan.Operation.GET, "v/", new Fault.Unavailable());
        faults.always(FaultPlan.Operation.PUT, "v/", new Fault.Unavailable());
    }

    private Engine first() throws StorageException {
        return open(flaky, firstLog, "first");
    }

    private Engine second() throws StorageException {
        return open(store, new MemoryLogDirectory(), "second");
    }

    private Engine open(ObjectStore bucket, MemoryLogDirectory log, String directory)
            throws StorageException {
        return new Engine(
                new Engine.Disks(environment, bucket, log, folder.resolve(directory), directory));
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
