package io.lsmbd.write;

import io.lsmbd.env.Environment;
import io.lsmbd.env.NanoClock;
import io.lsmbd.env.Signal;
import io.lsmbd.model.DataSize;
import io.lsmbd.write.Pressure.Bound;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bounds what the local log holds that no segment holds yet, over all volumes: its bytes, and its
 * records, which the WAL indexes keep in memory. Of both a volume may use as much as {@value
 * #SHARE} times what the others leave free, so a stuck one never takes the last room of a healthy
 * one. It is as full as the bound that it is nearer to says.
 *
 * <p>Up to {@value Pressure#WATERMARK} of that a volume writes freely. Beyond, its writes are
 * paced: in the middle between there and its limit they go as fast as its segments commit, where
 * the middle begins much faster, and just below the limit half as fast. So a load above what the
 * store takes settles near the middle, however unevenly commits come, and no pace is below half of
 * what the store takes. Only at the limit writes wait, until something commits.
 */
public final class Backpressure {
    /** A lone volume gets SHARE / (SHARE + 1) of both. */
    private static final int SHARE = 4;

    /** How much faster than commits writes may go on average for a moment, to make up for sleep. */
    private static final long CREDIT_NANOS = Duration.ofMillis(100).toNanos();

    /** A turn further ahead is not taken: the pace may be another until then. */
    private static final Duration LONGEST_SLEEP = Duration.ofMillis(100);

    /**
     * Until commits tell a rate: so many seconds from the first write that is paced to the limit.
     */
    private static final double SECONDS_UNTIL_KNOWN = 10;

    private static final double MEMORY_NANOS = Duration.ofSeconds(5).toNanos();

    /** One write does not keep off the others longer, however large it is. */
    private static final long LONGEST_TURN_NANOS = Duration.ofSeconds(1).toNanos();

    private final Environment environment;
    private final NanoClock clock;
    private final Budget bytes;
    private final Budget records;
    private final Signal freed;

    /** Of one bound, for all volumes. */
    private static final class Budget {
        final long limit;
        final AtomicLong total = new AtomicLong();

        Budget(long limit) {
            this.limit = limit;
        }
    }

    private record Beyond(double value, long atNanos) {}

    /** What one volume uses of a budget. */
    private static final class Use {
        final Budget budget;
        final AtomicLong used = new AtomicLong();

        Use(Budget budget) {
            this.budget = budget;
        }

        void add(long count) {
            used.addAndGet(count);
            budget.total.addAndGet(count);
        }

        /** No more than is counted: closing may have released it already. */
        void release(long count) {
            long before = used.getAndUpdate(now -> Math.max(0, now - count));
            budget.total.addAndGet(-Math.min(before, count));
        }

        /** What the volume may have. */
        double limit() {
            long othersLeave = Math.max(0, budget.limit - (budget.total.get() - used.get()));
            return Math.max(1, (double) othersLeave * SHARE / (SHARE + 1));
        }

        double fullnessWith(long more) {
            return (used.get() + more) / limit();
        }

        /** For a volume that has committed nothing yet that would tell. */
        double perSecondUntilKnown() {
            return limit() * (1 - Pressure.WATERMARK) / SECONDS_UNTIL_KNOWN;
        }
    }

    /**
     * @param budget of un-uploaded bytes in the log
     * @param maxRecords that the WAL indexes of all volumes may hold
     */
    public Backpressure(Environment environment, DataSize budget, long maxRecords) {
        this.environment = environment;
        this.clock = environment.nanoClock();
        this.bytes = new Budget(budget.bytes());
        this.records = new Budget(maxRecords);
        this.freed = environment.signal();
    }

    public long totalBytes() {
        return bytes.total.get();
    }

    public long budgetBytes() {
        return bytes.limit;
    }

    /**
     * How much more payload a lone volume may have before its writes wait, if its records are as
     * large as those that are there.
     */
    public long roomBytes() {
        double share = SHARE / (SHARE + 1.0);
        double room = bytes.limit * share - totalBytes();
        double average = totalBytes() / (double) Math.max(1, totalRecords());
        double roomInMemory = (records.limit * share - totalRecords()) * average;
        return (long) Math.max(0, totalBytes() == 0 ? room : Math.min(room, roomInMemory));
    }

    public long totalRecords() {
        return records.total.get();
    }

    public long budgetRecords() {
        return records.limit;
    }

    /** The share of one volume. Thread-safe. */
    public final class Account {
        private final Use ownBytes = new Use(bytes);
        private final Use ownRecords = new Use(records);
        private final CommitRate rate = new CommitRate();
        private final AtomicLong nextStartNanos = new AtomicLong(clock.nanos());
        private final AtomicInteger waiting = new AtomicInteger();
        private final LongAdder waitedNanos = new LongAdder();
        private volatile Beyond beyond = new Beyond(0, clock.nanos());
        private volatile boolean closed;

        private double fullnessWith(long moreBytes, int moreRecords) {
            return Math.max(ownBytes.fullnessWith(moreBytes), ownRecords.fullnessWith(moreRecords));
        }

        /** Whether a write of so many bytes, in so many records, need not wait. */
        boolean isFree(long moreBytes, int moreRecords) {
            return fullnessWith(moreBytes, moreRecords) <= Pressure.WATERMARK;
        }

        /** One that is larger than all that the volume may have fits alone. */
        private boolean fits(long moreBytes, int moreRecords) {
            return fullnessWith(moreBytes, moreRecords) <= 1 || ownRecords.used.get() == 0;
        }

        /** Counts without asking: the record is already in the log. */
        void add(long payloadBytes) {
            ownBytes.add(payloadBytes);
            ownRecords.add(1);
            if (closed) {
                releaseAll(); // nobody else would any more, and other volumes had less for good
            }
        }

        /** Waits until such a write may go ahead; nothing is counted yet. */
        void await(long moreBytes, int moreRecords) {
            if (isFree(moreBytes, moreRecords) || closed) {
                return;
            }
            long began = clock.nanos();
            waiting.incrementAndGet();
            try {
                takeTurn(moreBytes, moreRecords);
            } finally {
                waiting.decrementAndGet();
                waitedNanos.add(clock.nanos() - began);
            }
        }

        private void takeTurn(long moreBytes, int moreRecords) {
            while (!closed && !isFree(moreBytes, moreRecords)) {
                freed.await(() -> closed || fits(moreBytes, moreRecords));
                long now = clock.nanos();
                long next = nextStartNanos.get();
                if (next - now > LONGEST_SLEEP.toNanos()) {
                    freed.await(() -> closed || isFree(moreBytes, moreRecords), LONGEST_SLEEP);
                    continue;
                }
                long start = Math.max(next, now - CREDIT_NANOS);
                if (nextStartNanos.compareAndSet(next, start + turn(moreBytes, moreRecords))) {
                    if (start > now) {
                        environment.sleep(Duration.ofNanos(start - now));
                    }
                    return;
                }
            }
        }

        private CommitRate.Rate assumedRate() {
            return new CommitRate.Rate(
                    ownBytes.perSecondUntilKnown(), ownRecords.perSecondUntilKnown());
        }

        /** How long the write keeps off the next one, in nanoseconds. */
        private long turn(long moreBytes, int moreRecords) {
            double byBytes = ownBytes.fullnessWith(moreBytes);
            double byRecords = ownRecords.fullnessWith(moreRecords);
            CommitRate.Rate known = rate.now();
            CommitRate.Rate commits = known == null ? assumedRate() : known;
            double seconds =
                    byBytes >= byRecords
                            ? moreBytes / commits.bytesPerSecond()
                            : moreRecords / commits.recordsPerSecond();
            double slowness = 2 * beyondWatermark(Math.max(byBytes, byRecords));
            return Math.min(LONGEST_TURN_NANOS, (long) (seconds * slowness * 1e9));
        }

        /**
         * How far beyond the watermark, of the way to the limit. It follows what is there up at
         * once, but down slowly: commits come in bursts, and the pace shall not.
         */
        private double beyondWatermark(double fullness) {
            long now = clock.nanos();
            double there =
                    Math.clamp((fullness - Pressure.WATERMARK) / (1 - Pressure.WATERMARK), 0, 1);
            Beyond last = beyond;
            double kept = Math.exp((last.atNanos - now) / MEMORY_NANOS);
            double held = Math.max(there, there + (last.value - there) * kept);
            beyond = new Beyond(held, now); // a lost one of two at once does no harm
            return held;
        }

        /**
         * So much is in a segment that counts.
         *
         * @param nanos since the commit before, or since there was something to upload, whichever
         *     is later
         */
        void committed(long payloadBytes, long recordCount, long nanos) {
            rate.committed(payloadBytes, recordCount, nanos, assumedRate());
            release(payloadBytes, recordCount);
        }

        /** The same, where it was so little that it does not tell how much the store takes. */
        void committedLittle(long payloadBytes, long recordCount) {
            release(payloadBytes, recordCount);
        }

        private void release(long payloadBytes, long recordCount) {
            ownBytes.release(payloadBytes);
            ownRecords.release(recordCount);
            freed.signalAll();
        }

        /** Payload that only the log has. */
        public long usedBytes() {
            return ownBytes.used.get();
        }

        public Pressure pressure() {
            double byBytes = ownBytes.fullnessWith(0);
            double byRecords = ownRecords.fullnessWith(0);
            return new Pressure(
                    Math.max(byBytes, byRecords),
                    byBytes >= byRecords ? Bound.BYTES : Bound.RECORDS,
                    waiting.get(),
                    Duration.ofNanos(waitedNanos.sum()));
        }

        /** Nobody waits any more, and what is left no longer counts. */
        void close() {
            closed = true;
            releaseAll();
        }

        private void releaseAll() {
            release(ownBytes.used.get(), ownRecords.used.get());
        }
    }

    public Account account() {
        return new Account();
    }
}
