package io.lsmbd.nbd.transmission;

import io.lsmbd.env.NanoClock;
import java.time.Duration;

/**
 * Finds out that a client stands still where the next step is its own, so that what is in memory on
 * its account is bounded in time as well. Its connection's event loop owns it.
 */
final class StallGuard {
    /** Looking more often would be of no use; idle connections are looked after meanwhile, too. */
    private static final Duration LONGEST_PERIOD = Duration.ofSeconds(5);

    private static final int LOOKS_PER_LIMIT = 4;

    private final StallLimits limits;
    private final NanoClock clock;
    private final Progress arriving;
    private final Progress leaving;

    /** Since when we read what the client sends. */
    private long readingNanos;

    private boolean hasUnsent;

    /** Since when there are replies that the socket has not taken. */
    private long unsentNanos;

    StallGuard(StallLimits limits, NanoClock clock) {
        this.limits = limits;
        this.clock = clock;
        this.readingNanos = clock.nanos();
        this.arriving = new Progress(readingNanos);
        this.leaving = new Progress(readingNanos);
    }

    /** How often to look. */
    Duration period() {
        Duration shorter =
                limits.payload().compareTo(limits.replies()) < 0
                        ? limits.payload()
                        : limits.replies();
        Duration period = shorter.dividedBy(LOOKS_PER_LIMIT);
        return period.compareTo(LONGEST_PERIOD) < 0 ? period : LONGEST_PERIOD;
    }

    /** We did not read for a while, and do so again. */
    void reading() {
        readingNanos = clock.nanos();
    }

    /** So many bytes of replies have not been taken by the socket. */
    void unsent(long bytes) {
        if (bytes == 0) {
            hasUnsent = false;
        } else if (!hasUnsent) {
            hasUnsent = true;
            unsentNanos = clock.nanos();
        }
    }

    /**
     * Of the payload of a request, while we read: so many bytes of it are there. Who is in the way
     * of others has to be quicker.
     */
    boolean isPayloadStalled(Request request, long arrivedBytes, boolean isInTheWay) {
        boolean wasReading = request.startNanos - readingNanos > 0;
        long turn = wasReading ? request.startNanos : readingNanos;
        Duration limit = isInTheWay ? limits.payloadInTheWay() : limits.payload();
        int least = isInTheWay ? StallLimits.LEAST_BYTES_IN_THE_WAY : StallLimits.LEAST_BYTES;
        return arriving.isStalled(clock.nanos(), turn, arrivedBytes, limit, least);
    }

    /** Of replies: the socket has taken so many bytes ever. */
    boolean areRepliesStalled(long sentBytes) {
        return hasUnsent
                && leaving.isStalled(
                        clock.nanos(),
                        unsentNanos,
                        sentBytes,
                        limits.replies(),
                        StallLimits.LEAST_BYTES);
    }

    /** Whether bytes that a client is to move do move. */
    private static final class Progress {
        private long markNanos;
        private long markBytes;

        private Progress(long nowNanos) {
            this.markNanos = nowNanos;
        }

        /**
         * To be asked now and then while it is the client's turn.
         *
         * @param turnNanos since when it is
         * @param movedBytes in this turn, or ever
         * @param limit for so many bytes, {@code least}, to move
         */
        private boolean isStalled(
                long nowNanos, long turnNanos, long movedBytes, Duration limit, int least) {
            boolean isNewTurn = turnNanos - markNanos > 0;
            if (isNewTurn || movedBytes - markBytes >= least) {
                markNanos = isNewTurn ? turnNanos : nowNanos;
                markBytes = movedBytes;
            }
            return nowNanos - markNanos >= limit.toNanos();
        }
    }
}
