package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.Task;
import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Durability;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.read.Holes;
import io.lsmbd.volume.Volume;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many clients on one volume, while it uploads, recycles and checkpoints. */
class EngineConcurrencyTest {
    private static final int THREADS = 6;
    private static final int SECTORS = 4096;

    @TempDir private Path folder;

    private final TestEnvironment environment = new TestEnvironment("boot");

    private Engine engine() throws StorageException {
        return new Engine(
                new Engine.Disks(
                        environment,
                        new MemoryObjectStore(environment.wallClock()),
                        new MemoryLogDirectory(),
                        folder.resolve("index"),
                        "directory"));
    }

    @Test
    void everySectorReadsAsItsLastWriteWhoeverElseIsBusy() throws StorageException {
        Engine engine = engine();
        Volume volume = engine.create(new DataSize(SECTORS * 512L), Durability.LOCAL);
        // Each thread has sectors of its own, in between those of the others.
        List<Task> tasks = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int thread = t;
            tasks.add(environment.spawn("client-" + t, () -> clientOf(thread, volume)));
        }
        tasks.forEach(Task::join);

        assertThat(environment.deaths()).isEmpty();
        assertThat(volume.info().failure()).isEmpty();
        engine.close();
    }

    private static void clientOf(int thread, Volume volume) {
        SplittableRandom random = new SplittableRandom(thread);
        int[] stamps = new int[SECTORS];
        ByteBuffer sector = ByteBuffer.allocateDirect(512);
        Holes holes = Holes.unwanted();
        try {
            for (int i = 1; i < 4000; i++) {
                int lba = random.nextInt(SECTORS / THREADS) * THREADS + thread;
                sector.clear();
                if (random.nextInt(3) > 0) {
                    sector.putInt(0, i).putInt(508, i);
                    volume.write(lba * 512L, new ByteBuffer[] {sector}, 1);
                    stamps[lba] = i;
                } else {
                    if (!volume.readWithoutWaiting(lba * 512L, sector, holes)) {
                        volume.read(lba * 512L, sector.clear(), holes);
                    }
                    assertThat(sector.getInt(0)).isEqualTo(stamps[lba]);
                    assertThat(sector.getInt(508)).isEqualTo(stamps[lba]);
                }
            }
        } catch (StorageException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theLargestWriteIsASegmentAndALargerOneNeverReachesTheLog() throws StorageException {
        Engine engine = engine();
        Volume volume = engine.create(new DataSize(128 << 20), Durability.LOCAL);
        ByteBuffer[] data = {ByteBuffer.allocateDirect(64 << 20)};
        // 64 MiB that lie in one sector more: no segment could hold them.
        assertThatThrownBy(() -> volume.write(1, data, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(volume.info().lastLsn()).isZero();
        data[0].clear().limit((64 << 20) - 2);
        volume.write(1, data, 1);
        volume.drain();

        assertThat(volume.info().failure()).isEmpty();
        assertThat(volume.info().committedLsn()).isEqualTo(1024);
        engine.close();
    }

    @Test
    void writesOfSingleBytesNeverUndoTheirNeighbours() throws StorageException {
        Engine engine = engine();
        Volume volume = engine.create(new DataSize(64 << 10), Durability.LOCAL);
        AtomicIntegerArray bytes = new AtomicIntegerArray(64 << 10);
        List<Task> tasks = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int thread = t;
            tasks.add(environment.spawn("client-" + t, () -> bytesOf(thread, volume, bytes)));
        }
        tasks.forEach(Task::join);
        ByteBuffer all = ByteBuffer.allocate(64 << 10);
        volume.read(0, all, Holes.unwanted());

        assertThat(environment.deaths()).isEmpty();
        for (int i = 0; i < bytes.length(); i++) {
            assertThat(all.get(i)).as("byte " + i).isEqualTo((byte) bytes.get(i));
        }
        engine.close();
    }

    /** Writes runs of up to 600 bytes within its own sixth of each 4 KiB, crossing sectors. */
    private static void bytesOf(int thread, Volume volume, AtomicIntegerArray bytes) {
        SplittableRandom random = new SplittableRandom(thread);
        try {
            for (int i = 1; i < 1500; i++) {
                int share = 4096 / THREADS;
                int base = random.nextInt(16) * 4096 + thread * share;
                int from = random.nextInt(share);
                int length = 1 + random.nextInt(share - from);
                ByteBuffer data = ByteBuffer.allocate(length);
                for (int b = 0; b < length; b++) {
                    bytes.set(base + from + b, (byte) (i + b));
                    data.put((byte) (i + b));
                }
                volume.write(base + from, new ByteBuffer[] {data.flip()}, 1);
            }
        } catch (StorageException e) {
            throw new AssertionError(e);
        }
    }
}
