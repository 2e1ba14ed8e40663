package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Durability;
import io.lsmbd.manifest.ManifestStore;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.recovery.LeftOver;
import io.lsmbd.volume.Volume;
import io.lsmbd.wal.WalInspection;
import io.lsmbd.wal.WalRecords;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which records of an old host's log are in no segment. */
class LeftOverTest {
    @TempDir private Path folder;

    private final TestEnvironment environment = new TestEnvironment("boot");
    private final MemoryObjectStore store = new MemoryObjectStore(environment.wallClock());
    private final ScriptedFaults faults = new ScriptedFaults();
    private final FaultyObjectStore flaky = new FaultyObjectStore(store, environment, faults);
    private final MemoryLogDirectory firstLog = new MemoryLogDirectory();

    private Engine first() throws StorageException {
        return new Engine(
                new Engine.Disks(environment, flaky, firstLog, folder.resolve("first"), "first"));
    }

    private Engine second() throws StorageException {
        var log = new MemoryLogDirectory();
        return new Engine(
                new Engine.Disks(environment, store, log, folder.resolve("second"), "second"));
    }

    private void cutOffFirst() {
        faults.always(FaultPlan.Operation.GET, "v/", new Fault.Unavailable());
        faults.always(FaultPlan.Operation.PUT, "v/", new Fault.Unavailable());
    }

    private static void put(Volume volume, int page) throws StorageException {
        volume.write(page * 4096L, new ByteBuffer[] {ByteBuffer.allocate(4096)}, 1);
    }

    /** Epoch and LSN of each. */
    private List<String> leftOver(VolumeId id) throws StorageException {
        try (WalInspection log = WalInspection.open(environment, firstLog, Set.of(id))) {
            WalRecords records = log.records(id);
            String prefix = ObjectKey.prefixOf(id, ObjectKey.Kind.SEGMENT);
            List<Long> numbers =
                    store.list(prefix, null, ObjectStore.MAX_PAGE).objects().stream()
                            .map(ObjectInfo::key)
                            .map(ObjectKey::number)
                            .toList();
            var manifest = new ManifestStore(store, environment).load(id).manifest();
            List<String> found = new ArrayList<>();
            for (int i : LeftOver.find(store, manifest, numbers, records).indexes()) {
                found.add(records.epoch(i) + "/" + records.lsn(i));
            }
            return found;
        }
    }

    @Test
    void whatALaterEpochOfTheSameLogUploadedIsHeldAndWhatAnotherHostNumberedAlikeIsNot()
            throws StorageException {
        // 1. Epoch 1 commits LSN 1, and leaves LSN 2 in the log only.
        Engine first = first();
        Volume volume = first.create(new DataSize(1 << 20), Durability.LOCAL);
        VolumeId id = volume.info().manifest().volume();
        put(volume, 0);
        volume.drain();
        cutOffFirst();
        put(volume, 1);
        first.abandon();
        faults.clear();
        assertThat(leftOver(id)).isEmpty(); // it is to be replayed

        // 2. Epoch 2, of the same log, commits LSN 2 and 3, and leaves LSN 4 and 5.
        Engine again = first();
        volume = again.attach();
        put(volume, 2);
        volume.drain();
        cutOffFirst();
        put(volume, 3);
        put(volume, 4);
        again.abandon();

        // 3. Epoch 3 is another host's, and gives LSN 4 to a write of its own.
        Engine second = second();
        volume = second.attach();
        assertThat(leftOver(id)).containsExactly("2/4", "2/5");
        put(volume, 5);
        volume.drain();
        assertThat(volume.info().committedLsn()).isEqualTo(4);
        assertThat(leftOver(id)).containsExactly("2/4", "2/5");
        second.close();
    }

    private void secondHasTheVolumeForAWhile() throws StorageException {
        Engine second = second();
        Volume volume = second.attach();
        for (int i = 0; i < 20; i++) {
            put(volume, i);
            volume.drain();
        }
        second.close();
    }

    /** More than the log may take. */
    private static void goRoundTheLog(Engine engine, Volume volume) throws StorageException {
        long before = engine.wal().files().getFirst().sequence();
        for (int i = 0; i < 400; i++) {
            volume.write(0, new ByteBuffer[] {ByteBuffer.allocate(64 << 10)}, 1);
        }
        volume.drain();
        assertThat(engine.wal().files().getFirst().sequence()).isGreaterThan(before + 10);
    }

    @Test
    void whatIsLeftOverStaysInTheLogWhenTheOldHostHasTheVolumeAgain() throws StorageException {
        // 1. LSN 2 and 3 get into the log only.
        Engine first = first();
        Volume volume = first.create(new DataSize(1 << 20), Durability.LOCAL);
        VolumeId id = volume.info().manifest().volume();
        put(volume, 0);
        volume.drain();
        cutOffFirst();
        put(volume, 1);
        put(volume, 2);
        first.abandon();
        faults.clear();
        secondHasTheVolumeForAWhile();

        // 2. The old host goes on, far beyond these LSNs and the size of its log.
        Engine again = first();
        volume = again.attach();
        assertThat(volume.recovery().recordsLeftOver()).isEqualTo(2);
        assertThat(volume.recovery().recordsReplayed()).isZero();
        goRoundTheLog(again, volume);
        assertThat(leftOver(id)).containsExactly("1/2", "1/3");
        again.abandon();

        // 3. Another start knows as much, and a person may let go of them.
        Engine later = first();
        volume = later.attach();
        assertThat(volume.recovery().recordsLeftOver()).isEqualTo(2);
        assertThat(later.wal().leftOverBytes(id)).isPositive();
        later.volumes().discardLog(Engine.NAME);
        assertThat(later.wal().leftOverBytes(id)).isZero();
        goRoundTheLog(later, volume);
        assertThat(leftOver(id)).isEmpty();
        later.close();
        assertThat(environment.deaths()).isEmpty();
    }

    @Test
    void aVolumeThatWasHandedOverCleanlyLeavesNothing() throws StorageException {
        Engine first = first();
        Volume volume = first.create(new DataSize(1 << 20), Durability.LOCAL);
        VolumeId id = volume.info().manifest().volume();
        put(volume, 0);
        first.close();
        for (int i = 0; i < 3; i++) {
            secondHasTheVolumeForAWhile();
            Engine again = first();
            volume = again.attach();
            assertThat(volume.recovery().recordsLeftOver()).isZero();
            assertThat(again.wal().leftOverBytes(id)).isZero();
            assertThatThrownBy(() -> again.volumes().discardLog(Engine.NAME))
                    .isInstanceOf(RefusedException.class);
            put(volume, i);
            again.close();
        }
    }

    /** Nothing is let go of where it is not known. */
    @Test
    void whatCannotBeLookedUpInTheStoreStays() throws StorageException {
        Engine first = first();
        Volume volume = first.create(new DataSize(1 << 20), Durability.LOCAL);
        VolumeId id = volume.info().manifest().volume();
        put(volume, 0);
        first.close();
        secondHasTheVolumeForAWhile();
        String upToNine = ObjectKey.segment(id, 1).value().replaceFirst("1$", "");
        faults.always(FaultPlan.Operation.INFO, upToNine, new Fault.Unavailable());
        Engine again = first();
        volume = again.attach();
        assertThat(volume.recovery().recordsLeftOver()).isOne();
        goRoundTheLog(again, volume);
        assertThat(again.wal().leftOverBytes(id)).isPositive();
        again.close();
    }

    /** The other host died between raising the epoch and closing the number that is missing. */
    @Test
    void whatIsBehindAMissingNumberIsNotHeld() throws StorageException {
        Engine first = first();
        Volume volume = first.create(new DataSize(1 << 20), Durability.LOCAL);
        VolumeId id = volume.info().manifest().volume();
        put(volume, 0);
        volume.drain();
        long next = volume.info().committedSegment() + 1;
        faults.always(
                FaultPlan.Operation.PUT,
                ObjectKey.segment(id, next).value(),
                new Fault.Unavailable());
        put(volume, 1);
        environment.sleep(Duration.ofMillis(100)); // longer than a batch stays open
        put(volume, 2);
        for (int i = 0; i < 1000 && !isThere(id, next + 1); i++) {
            environment.sleep(Duration.ofMillis(10));
        }
        assertThat(isThere(id, next)).isFalse();
        assertThat(isThere(id, next + 1)).isTrue();
        first.abandon();

        faults.clear();
        faults.always(
                FaultPlan.Operation.PUT,
                ObjectKey.prefixOf(id, ObjectKey.Kind.SEGMENT),
                new Fault.Unavailable());
        Engine second =
                new Engine(
                        new Engine.Disks(
                                environment,
                                flaky,
                                new MemoryLogDirectory(),
                                folder.resolve("second"),
                                "second"));
        assertThatThrownBy(second::attach).isInstanceOf(ObjectStoreException.class);
        second.abandon();
        faults.clear();
        assertThat(leftOver(id)).containsExactly("1/2", "1/3");

        // That segment is an orphan behind the fence which the next attach makes.
        Engine again = first();
        assertThat(again.attach().recovery().recordsLeftOver()).isEqualTo(2);
        assertThat(again.wal().leftOverBytes(id)).isPositive();
        again.close();
    }

    private boolean isThere(VolumeId id, long number) throws StorageException {
        try {
            var _ = store.info(ObjectKey.segment(id, number));
            return true;
        } catch (ObjectStoreException e) {
            assertThat(e.isNotFound()).isTrue();
            return false;
        }
    }
}
