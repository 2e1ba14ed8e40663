package io.lsmbd.write;

import io.lsmbd.extent.SegmentExtents;
import io.lsmbd.segment.ExtentTable;
import io.lsmbd.segment.SegmentTables;

/** A segment's extent table as the extent map takes it. */
public final class CommittedExtents implements SegmentExtents {
    private final ExtentTable extents;
    private final long storedBytes;

    public CommittedExtents(SegmentTables tables) {
        this.extents = tables.extents();
        this.storedBytes = tables.objectBytes();
    }

    @Override
    public int count() {
        return extents.count();
    }

    @Override
    public long lba(int index) {
        return extents.lba(index);
    }

    @Override
    public long sectors(int index) {
        return extents.sectors(index);
    }

    @Override
    public boolean isHole(int index) {
        return extents.isHole(index);
    }

    @Override
    public int address(int index) {
        return extents.address(index);
    }

    @Override
    public long storedBytes() {
        return storedBytes;
    }
}
