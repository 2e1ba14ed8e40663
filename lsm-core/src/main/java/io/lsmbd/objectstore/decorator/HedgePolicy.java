package io.lsmbd.objectstore.decorator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmbd.env.NanoClock;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.PutOutcome;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Decides whether a request gets a second one, and when: after what 95 of 100 requests like it took
 * of late, as long as second requests are few among all, and not while the store says that it has
 * too many already. So a store that became slow as a whole is not made slower.
 */
final class HedgePolicy {
    /** Unused share that may be saved up, in second requests. */
    private static final double MOST_SAVED = 4;

    private static final Duration QUIET_AFTER_THROTTLING = Duration.ofSeconds(10);
    private static final int SIZE_CLASSES = 4;
    private static final int SMALLEST_CLASS_BITS = 14;
    private static final int BITS_PER_CLASS = 3;

    /** Requests of different kinds take different times. */
    enum Kind {
        GET,
        PUT
    }

    private final HedgeConfig config;
    private final NanoClock clock;
    private final Map<Kind, List<RecentLatencies>> latencies = new EnumMap<>(Kind.class);
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final RandomGenerator random;

    @GuardedBy("lock")
    private double saved;

    @GuardedBy("lock")
    private long copiedBytes;

    @GuardedBy("lock")
    private Optional<Long> throttledAtNanos = Optional.empty();

    /** {@code random} is for this alone. */
    HedgePolicy(HedgeConfig config, NanoClock clock, RandomGenerator random) {
        this.config = config;
        this.clock = clock;
        this.random = random;
        for (Kind kind : Kind.values()) {
            latencies.put(kind, Stream.generate(RecentLatencies::new).limit(SIZE_CLASSES).toList());
        }
    }

    /** Up to 16 KiB, 128 KiB, 1 MiB, and more. */
    private RecentLatencies of(Kind kind, long bytes) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(Math.max(0, bytes - 1));
        int beyond = Math.max(0, bits - SMALLEST_CLASS_BITS + BITS_PER_CLASS - 1);
        int sizeClass = Math.min(SIZE_CLASSES - 1, beyond / BITS_PER_CLASS);
        return Objects.requireNonNull(latencies.get(kind)).get(sizeClass);
    }

    /**
     * A request ended with a result, second or not. What it took counts if that is an answer: that
     * none came is known after a timeout, which would keep second requests waiting as long.
     */
    void ended(Kind kind, long bytes, Object result, long tookNanos) {
        if (result instanceof PutOutcome.Unknown(String _, PutOutcome.Unknown.Why why)) {
            if (why == PutOutcome.Unknown.Why.THROTTLED) {
                throttled();
            }
        } else {
            of(kind, bytes).add(tookNanos);
        }
    }

    /**
     * A request begins. Empty if it has to do without a second one; else how long to wait for the
     * first, and {@code room} bytes are taken until {@link #giveBack}.
     */
    Optional<Duration> begin(Kind kind, long bytes, long room) {
        OptionalLong usual = of(kind, bytes).p95();
        lock.lock();
        try {
            saved = Math.min(MOST_SAVED, saved + config.share());
            if (usual.isEmpty()
                    || saved < 1
                    || bytes > config.largest().bytes()
                    || copiedBytes + room > config.copies().bytes()
                    || isThrottled()) {
                return Optional.empty();
            }
            copiedBytes += room;
            long jittered = usual.getAsLong() + random.nextLong(usual.getAsLong() / 4 + 1);
            return Optional.of(bounded(Duration.ofNanos(jittered)));
        } finally {
            lock.unlock();
        }
    }

    private Duration bounded(Duration delay) {
        if (delay.compareTo(config.atLeast()) < 0) {
            return config.atLeast();
        }
        return delay.compareTo(config.atMost()) > 0 ? config.atMost() : delay;
    }

    /** The time is over: whether the second request may go. */
    boolean takeShare() {
        lock.lock();
        try {
            if (saved < 1 || isThrottled()) {
                return false;
            }
            saved -= 1;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void giveBack(long bytes) {
        lock.lock();
        try {
            copiedBytes -= bytes;
        } finally {
            lock.unlock();
        }
    }

    /** A request failed. */
    void failed(ObjectStoreException cause) {
        if (cause.isThrottling()) {
            throttled();
        }
    }

    private void throttled() {
        lock.lock();
        try {
            throttledAtNanos = Optional.of(clock.nanos());
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private boolean isThrottled() {
        long quiet = TimeUnit.NANOSECONDS.convert(QUIET_AFTER_THROTTLING);
        return throttledAtNanos.map(at -> clock.nanos() - at < quiet).orElse(false);
    }
}
