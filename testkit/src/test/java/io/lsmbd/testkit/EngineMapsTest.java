package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Durability;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.read.Holes;
import io.lsmbd.volume.AllocationVisitor.Allocation;
import io.lsmbd.volume.LocationVisitor.Location;
import io.lsmbd.volume.Volume;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a volume tells of its own contents: holes, allocation, location. */
class EngineMapsTest {
    private static final int SECTOR = 512;
    private static final int SECTORS = 4096;

    @TempDir private Path folder;

    private final TestEnvironment environment = new TestEnvironment("boot");
    private final MemoryObjectStore store = new MemoryObjectStore(environment.wallClock());
    private final MemoryLogDirectory log = new MemoryLogDirectory();
    private final byte[] contents = new byte[SECTORS * SECTOR];

    /** Sectors that were written since they were last cleared. */
    private final BitSet data = new BitSet();

    private Engine engine() throws StorageException {
        return new Engine(
                new Engine.Disks(environment, store, log, folder.resolve("index"), "directory"));
    }

    @Test
    void holesAndAllocationAreThoseOfTheModelWhereverTheDataAre() throws StorageException {
        SplittableRandom random = new SplittableRandom(8);
        Engine engine = engine();
        Volume volume = engine.create(new DataSize(contents.length), Durability.LOCAL);
        for (int i = 0; i < 1500; i++) {
            change(volume, random);
            if (i % 400 == 399) {
                volume.drain();
            }
            if (i % 10 == 0) {
                int lba = random.nextInt(SECTORS);
                int sectors = 1 + random.nextInt(SECTORS - lba);
                checkRead(volume, lba, sectors);
                checkAllocation(volume, lba, sectors);
                checkLocation(volume, lba, sectors);
            }
        }
        checkRead(volume, 0, SECTORS);
        assertThat(environment.deaths()).isEmpty();
        engine.close();
    }

    private void change(Volume volume, SplittableRandom random) throws StorageException {
        int lba = random.nextInt(SECTORS);
        int sectors = Math.min(SECTORS - lba, 1 + random.nextInt(random.nextInt(5) == 0 ? 600 : 9));
        int from = lba * SECTOR;
        int to = (lba + sectors) * SECTOR;
        switch (random.nextInt(4)) {
            case 0 -> volume.trim(from, to - from);
            case 1 -> volume.writeZeroes(from, to - from);
            default -> {
                byte[] bytes = new byte[to - from];
                random.nextBytes(bytes);
                volume.write(from, new ByteBuffer[] {ByteBuffer.wrap(bytes)}, 1);
                System.arraycopy(bytes, 0, contents, from, bytes.length);
                data.set(lba, lba + sectors);
                return;
            }
        }
        Arrays.fill(contents, from, to, (byte) 0);
        data.clear(lba, lba + sectors);
    }

    private void checkRead(Volume volume, int lba, int sectors) throws StorageException {
        ByteBuffer into = ByteBuffer.allocate(7 + sectors * SECTOR).position(7);
        Holes holes = new Holes(1);
        if (!volume.readWithoutWaiting(lba * (long) SECTOR, into, holes)) {
            assertThat(into.position()).isEqualTo(7);
            volume.read(lba * (long) SECTOR, into, holes);
        }
        assertThat(into.hasRemaining()).isFalse();
        int start = lba * SECTOR;
        assertThat(
                        Arrays.mismatch(
                                into.array(), 7, into.limit(), contents, start, end(lba, sectors)))
                .isEqualTo(-1);
        BitSet isData = new BitSet();
        isData.set(0, sectors);
        for (int i = 0; i < holes.count(); i++) {
            isData.clear(holes.start(i) / SECTOR, holes.end(i) / SECTOR);
        }
        assertThat(isData).isEqualTo(data.get(lba, lba + sectors));
    }

    private static int end(int lba, int sectors) {
        return (lba + sectors) * SECTOR;
    }

    private void checkAllocation(Volume volume, int lba, int sectors) throws StorageException {
        BitSet isData = new BitSet();
        long[] at = {lba * (long) SECTOR};
        volume.allocation(
                at[0],
                sectors * (long) SECTOR,
                (offset, length, allocation) -> {
                    assertThat(offset).isEqualTo(at[0]);
                    at[0] += length;
                    int first = (int) (offset / SECTOR) - lba;
                    isData.set(
                            first, first + (int) (length / SECTOR), allocation == Allocation.DATA);
                    return true;
                });
        assertThat(at[0]).isEqualTo(end(lba, sectors));
        assertThat(isData).isEqualTo(data.get(lba, lba + sectors));
    }

    private void checkLocation(Volume volume, int lba, int sectors) throws StorageException {
        BitSet isSomewhere = new BitSet();
        volume.locate(
                lba * (long) SECTOR,
                sectors * (long) SECTOR,
                (offset, length, location) -> {
                    int first = (int) (offset / SECTOR) - lba;
                    isSomewhere.set(
                            first, first + (int) (length / SECTOR), location != Location.HOLE);
                    return true;
                });
        assertThat(isSomewhere).isEqualTo(data.get(lba, lba + sectors));
    }

    @Test
    void dataMoveFromTheLogToSegmentsAndIntoTheCache() throws StorageException {
        Engine first = engine();
        Volume volume = first.create(new DataSize(contents.length), Durability.LOCAL);
        byte[] bytes = new byte[256 << 10];
        new SplittableRandom(9).nextBytes(bytes);
        volume.write(64 << 10, new ByteBuffer[] {ByteBuffer.wrap(bytes)}, 1);
        volume.drain();
        assertThat(locations(volume)).doesNotContain(Location.WAL);
        first.close();

        Engine second = engine();
        volume = second.attach();
        assertThat(locations(volume)).containsExactlyInAnyOrder(Location.HOLE, Location.SEGMENT);
        volume.cache(0, contents.length, () -> false);
        assertThat(locations(volume)).containsExactlyInAnyOrder(Location.HOLE, Location.SEGMENT);
        volume.cache(64 << 10, 1, () -> true);
        assertThat(locations(volume))
                .containsExactlyInAnyOrder(Location.HOLE, Location.SEGMENT, Location.CACHED);
        volume.cache(0, contents.length, () -> true);
        assertThat(locations(volume)).containsExactlyInAnyOrder(Location.HOLE, Location.CACHED);
        volume.write(0, new ByteBuffer[] {ByteBuffer.allocate(SECTOR)}, 1);
        assertThat(locations(volume))
                .containsExactlyInAnyOrder(Location.WAL, Location.HOLE, Location.CACHED);
        second.close();
    }

    private static Set<Location> locations(Volume volume) throws StorageException {
        Set<Location> found = new HashSet<>();
        volume.locate(
                0,
                volume.sizeBytes(),
                (_, _, location) -> {
                    found.add(location);
                    return true;
                });
        return found;
    }

    @Test
    void cachingMoreThanTheCachesHoldEndsWithThemFull() throws StorageException {
        Engine first = engine();
        Volume volume = first.create(new DataSize(8 << 20), Durability.LOCAL);
        byte[] bytes = new byte[256 << 10];
        for (int i = 0; i < 32; i++) {
            new SplittableRandom(i).nextBytes(bytes);
            volume.write(i * (256L << 10), new ByteBuffer[] {ByteBuffer.wrap(bytes)}, 1);
        }
        volume.drain();
        first.close();

        Engine second = engine();
        volume = second.attach();
        int[] asked = {0};
        volume.cache(0, 8 << 20, () -> ++asked[0] > 0);
        assertThat(locations(volume)).contains(Location.CACHED, Location.SEGMENT);
        assertThat(asked[0]).as("runs that were brought in").isLessThan(16);
        second.close();
    }
}
