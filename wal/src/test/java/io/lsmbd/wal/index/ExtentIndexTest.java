package io.lsmbd.wal.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.wal.WalLocation;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtentIndexTest {
    private static final int VOLUME = 6000;
    private static final long UNMAPPED = -1;

    private final ExtentIndex index = new ExtentIndex();
    private final ExtentList found = new ExtentList();
    private final long[] model = new long[VOLUME];
    private long nextPosition = 4096;

    /** The model holds each sector's own location; records and moves are random. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void behavesLikeAnArrayOfSectors(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int longest = new int[] {1, 4, 128}[(int) (seed % 3)];
        Arrays.fill(model, UNMAPPED);
        for (int step = 0; step < 12_000; step++) {
            int lba = random.nextInt(VOLUME);
            int sectors = Math.min(VOLUME - lba, 1 + random.nextInt(longest));
            switch (random.nextInt(8)) {
                case 0, 1, 2, 3 -> put(lba, sectors, nextWrite(sectors));
                case 4 -> {
                    int wide =
                            Math.min(VOLUME - lba, 1 + random.nextInt(step % 50 == 0 ? 4000 : 9));
                    put(lba, wide, WalLocation.ofHole(nextPosition += 64));
                }
                case 5 -> remove(lba, Math.min(VOLUME - lba, 200), someLocation(random));
                case 6 -> relocate(someLocation(random));
                default -> checkLookup(lba, Math.min(VOLUME - lba, 1 + random.nextInt(500)));
            }
            if (step % 1000 == 0) {
                checkLookup(0, VOLUME);
            }
        }
        checkLookup(0, VOLUME);
        checkStructure();
    }

    private long nextWrite(int sectors) {
        nextPosition += 64;
        return WalLocation.ofWrite(nextPosition, sectors);
    }

    private long someLocation(SplittableRandom random) {
        for (int tries = 0; tries < 50; tries++) {
            long location = model[random.nextInt(VOLUME)];
            if (location != UNMAPPED) {
                return location;
            }
        }
        return WalLocation.ofHole(64);
    }

    private void put(int lba, int sectors, long location) {
        index.put(lba, sectors, location);
        for (int i = 0; i < sectors; i++) {
            model[lba + i] = WalLocation.advance(location, i);
        }
    }

    private void remove(int lba, int sectors, long location) {
        index.remove(lba, sectors, location);
        for (int i = lba; i < lba + sectors; i++) {
            if (isOf(location, model[i])) {
                model[i] = UNMAPPED;
            }
        }
    }

    private static boolean isOf(long record, long location) {
        return location != UNMAPPED && WalLocation.record(location) == WalLocation.record(record);
    }

    private void relocate(long location) {
        nextPosition += 64;
        long to =
                WalLocation.isHole(location)
                        ? WalLocation.ofHole(nextPosition)
                        : WalLocation.ofWrite(nextPosition, WalLocation.recordSectors(location));
        index.relocate(0, VOLUME, WalLocation.record(location), to);
        for (int i = 0; i < VOLUME; i++) {
            if (isOf(location, model[i])) {
                model[i] = WalLocation.advance(to, WalLocation.firstSector(model[i]));
            }
        }
    }

    private void checkLookup(int lba, int sectors) {
        checkLookup(lba, sectors, Integer.MAX_VALUE);
        checkLookup(lba, sectors, 1);
        checkLookup(lba, sectors, 17);
    }

    private void checkLookup(int lba, int sectors, int atOnce) {
        found.clear();
        long until = lba;
        while (until < lba + sectors) {
            int before = found.size();
            until = index.lookup(until, lba + sectors - until, atOnce, found);
            assertThat(found.size() - before).isLessThanOrEqualTo(atOnce);
        }
        assertThat(until).isEqualTo(lba + sectors);
        long[] actual = new long[sectors];
        Arrays.fill(actual, UNMAPPED);
        long end = lba;
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.lba(i)).isGreaterThanOrEqualTo(end);
            end = found.lba(i) + found.sectors(i);
            for (int k = 0; k < found.sectors(i); k++) {
                actual[(int) found.lba(i) + k - lba] = WalLocation.advance(found.location(i), k);
            }
        }
        assertThat(end).isLessThanOrEqualTo(lba + sectors);
        assertThat(actual).isEqualTo(Arrays.copyOfRange(model, lba, lba + sectors));
    }

    private void checkStructure() {
        found.clear();
        index.copyTo(found);
        assertThat(found.size()).isEqualTo(index.entries());
        assertThat(index.bytes()).isLessThan(40L * Chunk.BYTES + 6L * 24 * (index.entries() + 1));
    }

    @Test
    void aHoleOf16TiBOverAMillionEntriesTakesMilliseconds() {
        for (int i = 0; i < 1_000_000; i++) {
            index.put(16L * i, 8, WalLocation.ofWrite(64L * i, 8));
        }
        assertThat(index.entries()).isEqualTo(1_000_000);
        assertThat(index.bytes()).isLessThan(30_000_000);
        index.put(4, 1L << 35, WalLocation.ofHole(1 << 30));
        index.lookup(0, 1L << 40, found);
        assertThat(found.size()).isEqualTo(2);
        assertThat(found.sectors(0)).isEqualTo(4);
        assertThat(found.sectors(1)).isEqualTo(1L << 35);
        assertThat(index.bytes()).isLessThan(1_000_000);
        index.remove(0, 1L << 40, WalLocation.ofHole(1 << 30));
        index.remove(0, 1L << 40, WalLocation.ofWrite(0, 8));
        assertThat(index.isEmpty()).isTrue();
    }

    @Test
    void rangesReachToTheEndOfNumbers() {
        index.put(Long.MAX_VALUE - 10, 10, WalLocation.ofHole(64));
        index.lookup(0, Long.MAX_VALUE, found);
        assertThat(found.size()).isEqualTo(1);
        assertThatThrownBy(() -> index.put(Long.MAX_VALUE - 10, 11, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> index.put(0, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void clearingKeepsItUsable() {
        index.put(5, 3, WalLocation.ofWrite(64, 3));
        index.clear();
        assertThat(index.isEmpty()).isTrue();
        index.put(6, 1, WalLocation.ofWrite(64, 1));
        index.lookup(0, 100, found);
        assertThat(found.lba(0)).isEqualTo(6);
    }

    @Test
    void theLockedIndexDoesTheSame() {
        WalIndex locked = new WalIndex();
        assertThat(locked.isEmpty()).isTrue();
        locked.lookup(0, 10, found);
        locked.put(2, 4, WalLocation.ofWrite(64, 4));
        locked.relocate(0, 10, WalLocation.ofWrite(64, 4), WalLocation.ofWrite(128, 4));
        locked.lookup(3, 2, found);
        assertThat(found.location(0)).isEqualTo(WalLocation.ofWrite(128, 4) + 1);
        assertThat(locked.entries()).isEqualTo(1);
        assertThat(locked.bytes()).isPositive();
        locked.remove(0, 10, WalLocation.ofWrite(128, 4));
        assertThat(locked.isEmpty()).isTrue();
    }
}
