package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.Signal;
import io.lsmbd.env.Task;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.manifest.Durability;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.Sectors;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.read.Holes;
import io.lsmbd.volume.Volume;
import io.lsmbd.volume.Volumes.DataBeyond;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Volumes of another size than they were created with. */
class EngineResizeTest {
    private static final DataSize SMALL = DataSize.ofMebibytes(1);
    private static final DataSize LARGE = DataSize.ofMebibytes(64);
    private static final int LOWER = 7;
    private static final int UPPER = 3000;
    private static final int LAST = (int) (LARGE.bytes() / Sectors.BYTES) - 1;

    @TempDir private Path folder;

    private final TestEnvironment environment = new TestEnvironment("boot");
    private final MemoryObjectStore store = new MemoryObjectStore(environment.wallClock());
    private MemoryLogDirectory log = new MemoryLogDirectory();
    private String directory = "directory";

    /** What the next engine's requests meet. */
    private FaultPlan faults = FaultPlan.none();

    @AfterEach
    void noTaskDied() {
        assertThat(environment.deaths()).isEmpty();
    }

    private Engine open() throws StorageException {
        return new Engine(
                new Engine.Disks(
                        environment,
                        new FaultyObjectStore(store, environment, faults),
                        log,
                        folder.resolve(directory),
                        directory));
    }

    private static Volume resize(Engine engine, DataSize size, DataBeyond data)
            throws StorageException {
        return engine.volumes().resize(Engine.NAME, size, data);
    }

    @Test
    void whoHasAVolumeOpenGoesOnWhenItGrows() throws StorageException {
        Engine engine = open();
        Volume volume = engine.create(SMALL, Durability.LOCAL);
        put(volume, LOWER, 11);
        assertThat(resize(engine, LARGE, DataBeyond.KEPT)).isSameAs(volume);
        assertThat(volume.sizeBytes()).isEqualTo(LARGE.bytes());
        assertThat(volume.info().manifest().sizeBytes()).isEqualTo(LARGE.bytes());
        assertThat(get(volume, LAST)).isZero();
        put(volume, LAST, 22);
        engine.close();

        Engine again = open();
        Volume now = again.attach();
        assertThat(now.sizeBytes()).isEqualTo(LARGE.bytes());
        assertThat(get(now, LOWER)).isEqualTo(11);
        assertThat(get(now, LAST)).isEqualTo(22);
        again.close();
    }

    @Test
    void aVolumeGrowsToTheLargestAndEndsWhereItDid() throws StorageException {
        Engine engine = open();
        Volume volume = engine.create(SMALL, Durability.LOCAL);
        DataSize largest = new DataSize(Sectors.toBytes(Sectors.MAX_VOLUME_SECTORS));
        resize(engine, largest, DataBeyond.KEPT);
        long end = Sectors.MAX_VOLUME_SECTORS;
        put(volume, end - 1, 33);
        assertThat(get(volume, end - 1)).isEqualTo(33);
        assertThatThrownBy(() -> put(volume, end, 44)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> resize(engine, SMALL, DataBeyond.KEPT))
                .hasMessageContaining("offset " + Sectors.toBytes(end - 1));
        resize(engine, SMALL, DataBeyond.DROPPED);
        engine.close();
    }

    @Test
    void dataBeyondTheNewEndIsKeptUnlessItIsToBeDropped() throws StorageException {
        Engine engine = open();
        Volume volume = engine.create(LARGE, Durability.LOCAL);
        put(volume, LOWER, 11);
        put(volume, UPPER, 22);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> resize(engine, SMALL, DataBeyond.KEPT))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.HAS_DATA))
                    .hasMessageContaining("beyond 1 MiB, at offset 1536000");
            assertThat(get(volume, UPPER)).isEqualTo(22);
            volume.drain(); // the second time, a segment has it
        }
        Volume smaller = resize(engine, SMALL, DataBeyond.DROPPED);
        assertThat(smaller.sizeBytes()).isEqualTo(SMALL.bytes());
        assertThat(get(smaller, LOWER)).isEqualTo(11);
        assertThatThrownBy(() -> get(smaller, UPPER)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> put(volume, UPPER, 33)).isInstanceOf(VolumeClosedException.class);
        engine.close();
    }

    @Test
    void dataThatComesWhileAVolumeShrinksIsKept() throws StorageException {
        AtomicReference<Optional<Volume>> toWrite = new AtomicReference<>(Optional.empty());
        faults =
                (operation, key) -> {
                    if (operation == FaultPlan.Operation.PUT) {
                        toWrite.getAndSet(Optional.empty())
                                .ifPresent(volume -> {
                                    assertThat(key).endsWith("/manifest");
                                    putUnchecked(volume, UPPER, 22);
                                });
                    }
                    return Optional.empty();
                };
        Engine engine = open();
        Volume volume = engine.create(LARGE, Durability.LOCAL);
        // The first change of the store comes after the first look for data.
        toWrite.set(Optional.of(volume));
        assertThatThrownBy(() -> resize(engine, SMALL, DataBeyond.KEPT))
                .hasMessageContaining("beyond 1 MiB, at offset 1536000");
        assertThatThrownBy(() -> put(volume, UPPER, 33)).isInstanceOf(VolumeClosedException.class);
        Volume again = engine.volumes().volume("vol1").orElseThrow();
        assertThat(again.sizeBytes()).isEqualTo(LARGE.bytes());
        assertThat(get(again, UPPER)).isEqualTo(22);
        engine.close();
    }

    private static void putUnchecked(Volume volume, long lba, int stamp) {
        try {
            put(volume, lba, stamp);
        } catch (StorageException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatWasTrimmedIsNoData() throws StorageException {
        Engine engine = open();
        Volume volume = engine.create(LARGE, Durability.LOCAL);
        put(volume, LOWER, 11);
        put(volume, UPPER, 22);
        volume.drain();
        volume.trim(SMALL.bytes(), LARGE.bytes() - SMALL.bytes());
        Volume smaller = resize(engine, SMALL, DataBeyond.KEPT);
        assertThat(get(smaller, LOWER)).isEqualTo(11);
        engine.close();
    }

    @Test
    void theSpaceOfWhatIsShrunkAwayIsFreed() throws StorageException {
        Engine engine = open();
        put(engine.create(LARGE, Durability.LOCAL), UPPER, 22);
        Volume smaller = resize(engine, SMALL, DataBeyond.DROPPED);
        smaller.drain();
        assertThat(smaller.map().segments().mappedSectors()).isZero();
        engine.close();
    }

    @Test
    void whatWasShrunkAwayNeverComesBackNotEvenOnAnotherHost()
            throws StorageException, IOException {
        Engine engine = open();
        Volume volume = engine.create(LARGE, Durability.LOCAL);
        put(volume, UPPER, 22);
        put(volume, LAST, 33);
        volume.drain();
        resize(engine, SMALL, DataBeyond.DROPPED);
        resize(engine, LARGE, DataBeyond.KEPT);
        // The moment after the answer: nothing more is uploaded.
        engine.abandon();
        loseHost();
        Engine again = open();
        Volume now = again.attach();
        assertThat(now.sizeBytes()).isEqualTo(LARGE.bytes());
        assertThat(get(now, UPPER)).isZero();
        assertThat(get(now, LAST)).isZero();
        again.close();
    }

    @Test
    void aSizeThatNoVolumeHasChangesNothing() throws StorageException {
        Engine engine = open();
        Volume volume = engine.create(SMALL, Durability.LOCAL);
        for (long size : new long[] {0, 1000, (1L << 50) + 512}) {
            assertThatThrownBy(() -> resize(engine, new DataSize(size), DataBeyond.DROPPED))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("512 B to 1 PiB");
        }
        put(volume, LOWER, 11);
        assertThat(volume.sizeBytes()).isEqualTo(SMALL.bytes());
        engine.close();
    }

    @Test
    void aStoreThatIsAwayLeavesTheVolumeAsItIs() throws StorageException {
        ScriptedFaults away = new ScriptedFaults();
        faults = away;
        Engine engine = open();
        Volume volume = engine.create(LARGE, Durability.LOCAL);
        away.always(FaultPlan.Operation.PUT, "v/", new Fault.Unavailable());
        for (DataSize size : new DataSize[] {SMALL, DataSize.ofGibibytes(1)}) {
            assertThatThrownBy(() -> resize(engine, size, DataBeyond.DROPPED))
                    .isInstanceOf(ObjectStoreException.class);
            put(volume, LAST, 11);
        }
        away.clear();
        assertThat(resize(engine, SMALL, DataBeyond.DROPPED).sizeBytes()).isEqualTo(SMALL.bytes());
        engine.close();
    }

    @Test
    void whoWasFencedResizesNothing() throws StorageException {
        Engine first = open();
        first.create(LARGE, Durability.LOCAL);
        log = new MemoryLogDirectory();
        directory = "other";
        Engine second = open();
        Volume now = second.attach();
        assertThatThrownBy(() -> resize(first, SMALL, DataBeyond.DROPPED))
                .isInstanceOf(FencedException.class);
        put(now, LAST, 11);
        now.drain();
        assertThat(now.info().manifest().sizeBytes()).isEqualTo(LARGE.bytes());
        first.abandon();
        second.close();
    }

    /** What is lost when the process dies in the middle. */
    enum Loss {
        PROCESS,
        HOST
    }

    /** The process dies before its first, second, ... change of the store. */
    @ParameterizedTest
    @EnumSource(Loss.class)
    void killedAtAnyStepOfShrinkingItHasTheOldSizeAndDataOrTheNewSize(Loss loss) throws Exception {
        boolean isDone = false;
        int olds = 0;
        for (int changes = 0; !isDone; changes++) {
            Engine whole = begin("shrink-%s-%d".formatted(loss, changes));
            Volume volume = whole.create(LARGE, Durability.LOCAL);
            put(volume, LOWER, 11);
            put(volume, UPPER, 22);
            whole.close();

            isDone = killed(changes, SMALL, loss);
            Engine again = open();
            Volume there = again.attach();
            assertThat(get(there, LOWER)).as("changes=%d", changes).isEqualTo(11);
            if (there.sizeBytes() == LARGE.bytes()) {
                olds++;
                assertThat(isDone).isFalse();
                assertThat(get(there, UPPER)).as("changes=%d", changes).isEqualTo(22);
            } else {
                assertThat(there.sizeBytes()).isEqualTo(SMALL.bytes());
                resize(again, LARGE, DataBeyond.KEPT);
                assertThat(get(there, UPPER)).as("changes=%d", changes).isZero();
            }
            again.close();
        }
        assertThat(olds).isBetween(2, 10);
    }

    /** As before, where a shrink that was cut off has left data beyond the end. */
    @ParameterizedTest
    @EnumSource(Loss.class)
    void killedAtAnyStepOfGrowingItHasTheOldSizeOrZeroesInTheNew(Loss loss) throws Exception {
        boolean isDone = false;
        int olds = 0;
        for (int changes = 0; !isDone; changes++) {
            Engine whole = begin("grow-%s-%d".formatted(loss, changes));
            Volume volume = whole.create(LARGE, Durability.LOCAL);
            put(volume, LOWER, 11);
            put(volume, UPPER, 22);
            volume.drain();
            var manifest = volume.info().manifest();
            whole.volumes()
                    .manifests()
                    .update(manifest.volume(), manifest.epoch(), m -> m.resized(SMALL.bytes()));
            whole.close();

            isDone = killed(changes, LARGE, loss);
            Engine again = open();
            Volume there = again.attach();
            if (there.sizeBytes() == SMALL.bytes()) {
                olds++;
                assertThat(isDone).isFalse();
                resize(again, LARGE, DataBeyond.KEPT);
            }
            assertThat(there.sizeBytes()).isEqualTo(LARGE.bytes());
            assertThat(get(there, LOWER)).as("changes=%d", changes).isEqualTo(11);
            assertThat(get(there, UPPER)).as("changes=%d", changes).isZero();
            again.close();
        }
        assertThat(olds).isBetween(2, 10);
    }

    /** An engine on nothing. */
    private Engine begin(String name) throws StorageException {
        store.delete(store.list("", null, 1000).objects().stream().map(o -> o.key()).toList());
        log = new MemoryLogDirectory();
        directory = name;
        return open();
    }

    /** Resizes with a process that dies after so many changes; returns whether it came through. */
    private boolean killed(int changes, DataSize size, Loss loss)
            throws StorageException, IOException {
        Death death = new Death();
        faults = death;
        Engine engine = open();
        engine.attach();
        death.comesAfter(changes);
        boolean[] isDone = {false};
        Task resizing =
                environment.spawn(
                        "resize",
                        () -> {
                            try {
                                resize(engine, size, DataBeyond.DROPPED);
                                isDone[0] = true;
                            } catch (StorageException e) {
                                assertThat(death.hasCome()).isTrue();
                            }
                            death.over();
                        });
        death.await();
        MemoryLogDirectory left = log.afterProcessDeath();
        engine.volumes().abandonAll(new VolumeClosedException("killed"));
        resizing.join();
        engine.abandon();
        log = left;
        faults = FaultPlan.none();
        if (loss == Loss.HOST) {
            loseHost();
        }
        return isDone[0];
    }

    private void loseHost() throws IOException {
        log = new MemoryLogDirectory();
        directory = Files.createTempDirectory(folder, "host").getFileName().toString();
    }

    /** After so many changes, the store hears nothing more of the process. */
    private final class Death implements FaultPlan {
        private final Signal signal = environment.signal();
        private final AtomicLong left = new AtomicLong(Long.MAX_VALUE);
        private volatile boolean isOver;

        void comesAfter(int changes) {
            left.set(changes);
        }

        boolean hasCome() {
            return left.get() < 0;
        }

        /** There is nothing left to be killed. */
        void over() {
            isOver = true;
            signal.signalAll();
        }

        void await() {
            signal.await(() -> isOver || hasCome());
        }

        @Override
        public Optional<Fault> next(Operation operation, String key) {
            if (operation == Operation.PUT && !hasCome() && left.decrementAndGet() < 0) {
                signal.signalAll();
            }
            return hasCome() ? Optional.of(new Fault.Unavailable()) : Optional.empty();
        }
    }

    private static void put(Volume volume, long lba, int stamp) throws StorageException {
        ByteBuffer data = ByteBuffer.allocate(Sectors.BYTES);
        while (data.hasRemaining()) {
            data.putInt(stamp);
        }
        volume.write(lba * Sectors.BYTES, new ByteBuffer[] {data.flip()}, 1);
    }

    private static int get(Volume volume, long lba) throws StorageException {
        ByteBuffer data = ByteBuffer.allocateDirect(Sectors.BYTES);
        volume.read(lba * Sectors.BYTES, data, Holes.unwanted());
        return data.flip().getInt();
    }
}
