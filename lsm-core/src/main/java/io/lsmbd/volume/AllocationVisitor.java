package io.lsmbd.volume;

/** Receives a volume's runs of data and holes in LBA order; returns false to stop. */
@FunctionalInterface
public interface AllocationVisitor {
    /** What the bytes of a run are. */
    enum Allocation {
        DATA,
        /** Unmapped: reads as zeroes. */
        HOLE
    }

    boolean run(long offsetBytes, long lengthBytes, Allocation allocation);
}
