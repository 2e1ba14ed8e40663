package io.lsmbd.volume;

import io.lsmbd.model.Sectors;

/** Looks for the first sector of a range that is not a hole. */
final class FirstData implements RangeScan.Sink {
    private boolean isFound;
    private long lba;

    boolean isFound() {
        return isFound;
    }

    /** Where it is, if it was found. */
    long offsetBytes() {
        return Sectors.toBytes(lba);
    }

    @Override
    public boolean isWanted() {
        return !isFound;
    }

    @Override
    public void hole(long fromLba, long toLba) {}

    @Override
    public void inLog(long fromLba, long toLba) {
        found(fromLba);
    }

    @Override
    public void inSegment(long fromLba, long toLba, long segment, int address) {
        found(fromLba);
    }

    /** The walk may tell of a few more before it asks whether they are wanted. */
    private void found(long fromLba) {
        if (!isFound) {
            isFound = true;
            lba = fromLba;
        }
    }
}
