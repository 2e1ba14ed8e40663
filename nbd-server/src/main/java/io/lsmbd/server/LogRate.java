package io.lsmbd.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** How fast the log grows, by samples of the last ten seconds. Thread-safe. */
final class LogRate {
    private static final long SPAN_NANOS = Duration.ofSeconds(10).toNanos();
    private static final double LONGEST_SECONDS = Duration.ofDays(30).toSeconds();

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Deque<Sample> samples = new ArrayDeque<>();

    private record Sample(long nanos, long position) {}

    /** {@code position}: bytes appended so far. */
    void sample(long nowNanos, long position) {
        lock.lock();
        try {
            samples.addLast(new Sample(nowNanos, position));
            while (nowNanos - samples.getFirst().nanos > SPAN_NANOS) {
                samples.removeFirst();
            }
        } finally {
            lock.unlock();
        }
    }

    /** How long until that many bytes more are appended; empty if next to nothing is. */
    Optional<Duration> timeFor(long bytes) {
        lock.lock();
        try {
            if (samples.size() < 2) {
                return Optional.empty();
            }
            double grown = samples.getLast().position - samples.getFirst().position;
            double seconds = (samples.getLast().nanos - samples.getFirst().nanos) / 1e9;
            double needed = grown <= 0 ? LONGEST_SECONDS : bytes * seconds / grown;
            return needed < LONGEST_SECONDS
                    ? Optional.of(Duration.ofSeconds((long) needed))
                    : Optional.empty();
        } finally {
            lock.unlock();
        }
    }
}
