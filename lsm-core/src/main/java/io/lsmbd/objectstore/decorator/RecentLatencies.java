package io.lsmbd.objectstore.decorator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;

/** How long the last requests of one kind took, and what 95 of 100 of them stayed below. */
final class RecentLatencies {
    static final int FEWEST = 32;
    private static final int REMEMBERED = 256;
    private static final int NEW_BETWEEN_LOOKS = 16;

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final long[] nanos = new long[REMEMBERED];

    @GuardedBy("lock")
    private long seen;

    @GuardedBy("lock")
    private long p95;

    void add(long tookNanos) {
        lock.lock();
        try {
            nanos[(int) (seen % REMEMBERED)] = tookNanos;
            seen++;
            if (seen >= FEWEST && seen % NEW_BETWEEN_LOOKS == 0) {
                long[] sorted = Arrays.copyOf(nanos, (int) Math.min(seen, REMEMBERED));
                Arrays.sort(sorted);
                p95 = sorted[sorted.length * 95 / 100];
            }
        } finally {
            lock.unlock();
        }
    }

    /** Nanoseconds, as of a few requests ago; empty until there were enough. */
    OptionalLong p95() {
        lock.lock();
        try {
            return seen < FEWEST ? OptionalLong.empty() : OptionalLong.of(p95);
        } finally {
            lock.unlock();
        }
    }
}
