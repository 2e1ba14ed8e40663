package io.lsmbd.extent;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Extents of one segment, for tests. */
record RandomSegment(List<Extent> extents) implements SegmentExtents {
    private static final int MAX_EXTENTS = 24;
    private static final int LONG_RUN = 70_000;

    /** Page numbers around which everything happens, at the borders of tree nodes. */
    static final long[] CENTRES = {0, 255, 256, 511, 65_535, 65_536, 1 << 24, (1 << 26) - 2};

    record Extent(long lba, long sectors, boolean isHole, int address) {
        long end() {
            return lba + sectors;
        }
    }

    static SegmentExtents of(Extent... extents) {
        return new RandomSegment(List.of(extents));
    }

    static Extent data(long lba, long sectors, int address) {
        return new Extent(lba, sectors, false, address);
    }

    static Extent hole(long lba, long sectors) {
        return new Extent(lba, sectors, true, 0);
    }

    static RandomSegment next(Random random) {
        List<Extent> extents = new ArrayList<>();
        long lba = 0;
        int address = 0;
        for (int centre = 0; centre < CENTRES.length; centre++) {
            int count = random.nextInt(3) == 0 ? random.nextInt(MAX_EXTENTS) : 0;
            lba = Math.max(lba, CENTRES[centre] << MapPage.SHIFT);
            for (int i = 0; i < count; i++) {
                lba += random.nextInt(5) == 0 ? random.nextInt(9000) : random.nextInt(20) * 8L;
                boolean isHole = random.nextInt(4) == 0;
                long sectors = 1L + random.nextInt(random.nextInt(12) == 0 ? LONG_RUN : 64);
                long border = centre + 1 < CENTRES.length ? CENTRES[centre + 1] : 1L << 26;
                sectors = Math.min(sectors, (border << MapPage.SHIFT) - lba);
                if (sectors < 1) {
                    break;
                }
                extents.add(new Extent(lba, sectors, isHole, isHole ? 0 : address));
                lba += sectors;
                address += isHole ? 0 : (int) sectors + random.nextInt(2) * 8;
            }
            if (random.nextInt(14) == 0) {
                long end = CENTRES[random.nextInt(CENTRES.length)] << MapPage.SHIFT;
                end += random.nextInt(3) * 10_000L;
                if (end > lba) {
                    extents.add(hole(lba, end - lba));
                    lba = end;
                }
            }
        }
        return new RandomSegment(List.copyOf(extents));
    }

    @Override
    public int count() {
        return extents.size();
    }

    @Override
    public long lba(int index) {
        return extents.get(index).lba();
    }

    @Override
    public long sectors(int index) {
        return extents.get(index).sectors();
    }

    @Override
    public boolean isHole(int index) {
        return extents.get(index).isHole();
    }

    @Override
    public int address(int index) {
        return extents.get(index).address();
    }

    @Override
    public long storedBytes() {
        return 1000L + extents.size();
    }
}
