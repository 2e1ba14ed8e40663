package io.lsmbd.volume;

import io.lsmbd.volume.AllocationVisitor.Allocation;

/** What of a range is data, wherever that is. */
final class AllocationSink implements RangeScan.Sink {
    private final RunJoiner<Allocation> runs;

    AllocationSink(RunJoiner<Allocation> runs) {
        this.runs = runs;
    }

    @Override
    public boolean isWanted() {
        return runs.isWanted();
    }

    @Override
    public void hole(long fromLba, long toLba) {
        runs.add(fromLba, toLba, Allocation.HOLE);
    }

    @Override
    public void inLog(long fromLba, long toLba) {
        runs.add(fromLba, toLba, Allocation.DATA);
    }

    @Override
    public void inSegment(long fromLba, long toLba, long segment, int address) {
        runs.add(fromLba, toLba, Allocation.DATA);
    }
}
