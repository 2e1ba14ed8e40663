package io.lsmbd.volume;

/** Receives where a volume's bytes are, in LBA order; returns false to stop. */
@FunctionalInterface
public interface LocationVisitor {
    /** Where the bytes of a run are, at the moment of looking. */
    enum Location {
        /** Nowhere: they read as zeroes. */
        HOLE,
        /** In this host's log; no committed segment has them. */
        WAL,
        /** In a segment in the object store. */
        SEGMENT,
        /** In a segment, and in a cache of this host as well. */
        CACHED
    }

    boolean run(long offsetBytes, long lengthBytes, Location location);
}
