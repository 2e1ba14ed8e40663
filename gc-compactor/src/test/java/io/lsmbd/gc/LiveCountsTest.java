package io.lsmbd.gc;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.compact.SegmentUtilization;
import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Durability;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.testkit.Engine;
import io.lsmbd.testkit.MemoryLogDirectory;
import io.lsmbd.testkit.TestEnvironment;
import io.lsmbd.volume.Volume;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Invariant 5: live counts equal a recount from the maps. */
class LiveCountsTest {
    private static final int SECTORS = 1 << 17;

    @TempDir private Path folder;

    private final TestEnvironment environment = new TestEnvironment("boot");
    private final MemoryObjectStore store = new MemoryObjectStore(environment.wallClock());
    private final long seed = Long.getLong("engine.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @Test
    void liveCountsEqualARecountThroughKillsAndLostHosts() throws StorageException {
        MemoryLogDirectory log = new MemoryLogDirectory();
        Engine engine = open(log, "index-0", "directory-0");
        Volume volume = engine.create(new DataSize(SECTORS * 512L), Durability.LOCAL);
        for (int life = 1; life <= 6; life++) {
            write(volume, 300);
            volume.drain();
            assertThat(Recount.check(volume.map(), SECTORS)).as("engine.seed=" + seed).isEmpty();
            write(volume, 100);
            MemoryLogDirectory left = log.afterProcessDeath();
            engine.abandon();
            boolean hostLost = life % 2 == 0;
            log = hostLost ? new MemoryLogDirectory() : left;
            engine =
                    hostLost
                            ? open(log, "index-" + life, "directory-" + life)
                            : open(log, "index-" + (life - 1), "directory-" + (life - 1));
            volume = engine.attach();
            volume.drain();
            assertThat(Recount.check(volume.map(), SECTORS)).as("engine.seed=" + seed).isEmpty();
        }
        engine.close();
    }

    @Test
    void aCountThatIsNotTheMapsIsReported() throws StorageException {
        Engine engine = open(new MemoryLogDirectory(), "index", "directory");
        Volume volume = engine.create(new DataSize(SECTORS * 512L), Durability.LOCAL);
        volume.write(0, new ByteBuffer[] {ByteBuffer.allocate(8 * 512)}, 1);
        volume.drain();

        // As if the map ended before the last of these sectors.
        assertThat(Recount.check(volume.map(), 7))
                .containsExactly(new Recount.Difference(volume.info().committedSegment(), 7, 8));
        engine.close();
    }

    @Test
    void utilisationTellsWhatOverwritingKilled() throws StorageException {
        Engine engine = open(new MemoryLogDirectory(), "index", "directory");
        Volume volume = engine.create(new DataSize(SECTORS * 512L), Durability.LOCAL);
        for (int round = 0; round < 2; round++) {
            volume.write(0, new ByteBuffer[] {ByteBuffer.allocate(128 * 512)}, 1);
            volume.drain();
        }
        volume.trim(0, 64 * 512);
        volume.drain();
        SegmentUtilization now = SegmentUtilization.of(volume.map().segments());

        assertThat(now.segments()).isEqualTo(2);
        assertThat(now.deadSegments()).isEqualTo(1);
        assertThat(now.liveBytes()).isEqualTo(64 * 512);
        assertThat(now.deadBytes()).isEqualTo((128 + 64) * 512);
        assertThat(now.utilization()).isEqualTo(0.25);
        assertThat(now.histogram()).containsExactly(1L, 0L, 0L, 0L, 0L, 1L, 0L, 0L, 0L, 0L);
        engine.close();
    }

    private Engine open(MemoryLogDirectory log, String index, String directory)
            throws StorageException {
        return new Engine(
                new Engine.Disks(environment, store, log, folder.resolve(index), directory));
    }

    private void write(Volume volume, int operations) throws StorageException {
        for (int i = 0; i < operations; i++) {
            int sectors = 1 + random.nextInt(200);
            long lba = random.nextInt(SECTORS - sectors);
            if (random.nextInt(8) == 0) {
                volume.trim(lba * 512, sectors * 512L);
            } else {
                volume.write(lba * 512, new ByteBuffer[] {ByteBuffer.allocate(sectors * 512)}, 1);
            }
        }
    }
}
