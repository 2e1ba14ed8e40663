package io.lsmbd.bench;

import io.lsmbd.extent.SegmentExtents;
import java.util.Arrays;
import java.util.SplittableRandom;

/** A segment of random 4 KiB writes. Reused for the next one. */
final class RandomBlocks implements SegmentExtents {
    static final int BLOCK_SECTORS = 8;
    private final long[] lbas;
    private final long volumeBlocks;
    private int count;

    RandomBlocks(int maxCount, long volumeSectors) {
        lbas = new long[maxCount];
        volumeBlocks = volumeSectors / BLOCK_SECTORS;
    }

    void fill(SplittableRandom random) {
        for (int i = 0; i < lbas.length; i++) {
            lbas[i] = random.nextLong(volumeBlocks) * BLOCK_SECTORS;
        }
        Arrays.sort(lbas);
        count = 0;
        for (long lba : lbas) {
            if (count == 0 || lbas[count - 1] != lba) {
                lbas[count++] = lba;
            }
        }
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public long lba(int index) {
        return lbas[index];
    }

    @Override
    public long sectors(int index) {
        return BLOCK_SECTORS;
    }

    @Override
    public boolean isHole(int index) {
        return false;
    }

    @Override
    public int address(int index) {
        return index * BLOCK_SECTORS;
    }

    @Override
    public long storedBytes() {
        return 32L << 20;
    }
}
