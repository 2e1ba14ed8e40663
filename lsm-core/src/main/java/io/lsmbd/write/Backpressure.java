package io.lsmbd.write;

import io.lsmbd.env.Environment;
import io.lsmbd.env.NanoClock;
import io.lsmbd.env.Signal;
import io.lsmbd.model.DataSize;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what the local log holds that no segment holds yet, over all volumes. A volume may use as
 * much as {@value #SHARE} times what the others leave free, so a stuck one never takes the last
 * room of a healthy one. Up to half of its limit a volume writes freely; from there on its writes
 * are paced, ever closer to the rate at which its segments commit; at the limit they wait.
 */
public final class Backpressure {
    /** A lone volume gets SHARE / (SHARE + 1) of the budget. */
    private static final int SHARE = 4;

    /** The slowest pace, where nothing was committed yet that would tell a rate. */
    private static final double MIN_BYTES_PER_SECOND = 1 << 20;

    private static final long MAX_PAUSE_NANOS = Duration.ofMillis(100).toNanos();

    private final Environment environment;
    private final NanoClock clock;
    private final long budget;
    private final long recordCharge;
    private final AtomicLong total = new AtomicLong();
    private final Signal freed;

    /**
     * @param budget of un-uploaded bytes in the log
     * @param maxRecords that the WAL indexes of all volumes may hold; many small records use up the
     *     budget sooner than their bytes do
     */
    public Backpressure(Environment environment, DataSize budget, long maxRecords) {
        this.environment = environment;
        this.clock = environment.nanoClock();
        this.budget = budget.bytes();
        this.recordCharge = Math.max(64, budget.bytes() / maxRecords);
        this.freed = environment.signal();
    }

    public long totalBytes() {
        return total.get();
    }

    public long budgetBytes() {
        return budget;
    }

    /** The share of one volume. Thread-safe. */
    public final class Account {
        private final AtomicLong used = new AtomicLong();
        private final AtomicLong nextStartNanos = new AtomicLong(clock.nanos());
        private volatile double committedBytesPerSecond;
        private volatile boolean closed;

        /** What a write of so many bytes in so many records counts for. */
        long charge(long bytes, int records) {
            return bytes + recordCharge * records;
        }

        boolean isFree(long charge) {
            long limit = limit();
            return used.get() + charge <= limit / 2;
        }

        private long limit() {
            long own = used.get();
            long othersLeave = Math.max(0, budget - (total.get() - own));
            return othersLeave * SHARE / (SHARE + 1);
        }

        /** Counts without asking: the write is already in the log. */
        void add(long charge) {
            used.addAndGet(charge);
            total.addAndGet(charge);
        }

        /** Waits until a write of that charge may go ahead; nothing is counted yet. */
        void await(long charge) {
            if (isFree(charge) || closed) {
                return;
            }
            freed.await(() -> closed || used.get() + Math.min(charge, limit()) <= limit());
            long limit = limit();
            double fullness =
                    Math.clamp(
                            (used.get() + charge - limit / 2.0) / Math.max(1, limit / 2.0), 0, 1);
            double rate = Math.max(MIN_BYTES_PER_SECOND, committedBytesPerSecond);
            long costNanos = (long) (charge / rate * 1e9 * fullness);
            long now = clock.nanos();
            long start =
                    nextStartNanos.updateAndGet(
                            next -> Math.max(next, now - MAX_PAUSE_NANOS) + costNanos);
            if (start - now > 0) {
                environment.sleep(Duration.ofNanos(Math.min(start - now, MAX_PAUSE_NANOS)));
            }
        }

        /** A segment with that much committed; {@code nanos} since the one before. */
        void committed(long charge, long nanos) {
            double rate = charge * 1e9 / Math.max(1, nanos);
            double before = committedBytesPerSecond;
            committedBytesPerSecond = before == 0 ? rate : before * 0.75 + rate * 0.25;
            release(charge);
        }

        /** No more than is counted: closing may have released it already. */
        private void release(long charge) {
            long before = used.getAndUpdate(now -> Math.max(0, now - charge));
            total.addAndGet(-Math.min(before, charge));
            freed.signalAll();
        }

        public long usedBytes() {
            return used.get();
        }

        /** Nobody waits any more, and what is left no longer counts. */
        void close() {
            closed = true;
            release(used.get());
        }
    }

    public Account account() {
        return new Account();
    }
}
