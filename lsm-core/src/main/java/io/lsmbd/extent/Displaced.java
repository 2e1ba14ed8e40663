package io.lsmbd.extent;

/**
 * Told of every piece of older segments that a segment's extents displace, once each, on the
 * applier's thread. The segment table has counted it already.
 */
@FunctionalInterface
public interface Displaced {
    void displaced(long segment, long sectors);

    /** For whoever has no use for it. */
    static Displaced ignored() {
        return (_, _) -> {};
    }
}
