package io.lsmbd.volume;

import io.lsmbd.read.ReadPath;
import io.lsmbd.segment.FrameTable;
import io.lsmbd.volume.LocationVisitor.Location;

/** Where the parts of a range are. */
final class LocationSink implements RangeScan.Sink {
    private static final int FRAME_SECTORS = FrameTable.frameSectors();

    /** Frames after which it is enough, some tens of milliseconds. */
    private static final int MAX_LOOKED_AT = 1 << 17;

    private final RunJoiner<Location> runs;
    private final ReadPath reads;
    private int lookedAt;

    LocationSink(RunJoiner<Location> runs, ReadPath reads) {
        this.runs = runs;
        this.reads = reads;
    }

    @Override
    public boolean isWanted() {
        return lookedAt < MAX_LOOKED_AT && runs.isWanted();
    }

    @Override
    public void hole(long fromLba, long toLba) {
        runs.add(fromLba, toLba, Location.HOLE);
    }

    @Override
    public void inLog(long fromLba, long toLba) {
        runs.add(fromLba, toLba, Location.WAL);
    }

    @Override
    public void inSegment(long fromLba, long toLba, long segment, int address) {
        long at = fromLba;
        while (at < toLba) {
            int here = address + (int) (at - fromLba);
            long next = Math.min(toLba, at + FRAME_SECTORS - here % FRAME_SECTORS);
            boolean isCached = reads.isCached(segment, FrameTable.frameOf(here));
            runs.add(at, next, isCached ? Location.CACHED : Location.SEGMENT);
            lookedAt++;
            at = next;
        }
    }
}
