package io.lsmbd.write;

/** The invariants of DESIGN.md 8 that the write path holds, always on. */
final class Invariants {
    private Invariants() {}

    /** 1: segments are applied in order without a gap. */
    static void appliedInOrder(long committed, long next) {
        if (next != committed + 1) {
            throw new IllegalStateException(
                    "segment %d must follow segment %d".formatted(next, committed));
        }
    }

    /** 3: an acknowledged FLUSH at LSN x implies synced LSN >= x (object: committed LSN >= x). */
    static void flushCovered(long lsn, long durableLsn) {
        if (durableLsn < lsn) {
            throw new IllegalStateException(
                    "flush at record %d with only %d durable".formatted(lsn, durableLsn));
        }
    }
}
