package io.lsmbd.objectstore.decorator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmbd.env.NanoClock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Whether an object store does what it is asked, judged by every attempt of every request. It is in
 * trouble while attempts fail, one after the other, for two seconds or more, or one gets no answer
 * for four (longer, if it moves much data), and nothing else has succeeded since. Any success ends
 * it; nothing is remembered. "There is no such object" and "the condition does not hold" are
 * answers like any other. Thread-safe, quick.
 */
public final class StoreHealth {
    private static final long FAILING_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long SILENCE_NANOS = Duration.ofSeconds(4).toNanos();

    /** Slower than this a line is as good as dead. */
    private static final long LEAST_BYTES_PER_SECOND = 1 << 20;

    private final NanoClock clock;
    private final ReentrantLock lock = new ReentrantLock();

    /** In the order in which they began. */
    @GuardedBy("lock")
    private final Set<Attempt> underWay = new LinkedHashSet<>();

    @GuardedBy("lock")
    private long lastSuccessNanos;

    /** The first that failed since, and how the last one did; null after a success. */
    @GuardedBy("lock")
    private @Nullable Failing failing;

    private record Failing(long sinceNanos, long lastNanos, String reason) {}

    /**
     * What is wrong.
     *
     * @param lasting since the first request that got nothing
     * @param reason of the last failure, for people, without secrets
     */
    public record Trouble(Duration lasting, String reason) {}

    /** One attempt of one request. */
    static final class Attempt {
        private final String what;
        private final long startedNanos;
        private final long patienceNanos;

        private Attempt(String what, long startedNanos, long bytes) {
            this.what = what;
            this.startedNanos = startedNanos;
            this.patienceNanos =
                    SILENCE_NANOS + TimeUnit.SECONDS.toNanos(bytes / LEAST_BYTES_PER_SECOND);
        }
    }

    /** Innocent until the first request. */
    public StoreHealth(NanoClock clock) {
        this.clock = clock;
        this.lastSuccessNanos = clock.nanos();
    }

    /** {@code bytes} that it moves, as far as that is known. */
    Attempt begin(String what, long bytes) {
        Attempt attempt = new Attempt(what, clock.nanos(), bytes);
        lock.lock();
        try {
            underWay.add(attempt);
        } finally {
            lock.unlock();
        }
        return attempt;
    }

    void succeeded(Attempt attempt) {
        lock.lock();
        try {
            underWay.remove(attempt);
            lastSuccessNanos = clock.nanos();
            failing = null;
        } finally {
            lock.unlock();
        }
    }

    void failed(Attempt attempt, String reason) {
        lock.lock();
        try {
            underWay.remove(attempt);
            Failing before = failing;
            long since = before == null ? attempt.startedNanos : before.sinceNanos;
            failing = new Failing(since, clock.nanos(), reason);
        } finally {
            lock.unlock();
        }
    }

    /** What is wrong just now, if anything. */
    public Optional<Trouble> trouble() {
        lock.lock();
        try {
            long now = clock.nanos();
            Failing known = failing;
            if (known != null && known.lastNanos - known.sinceNanos >= FAILING_NANOS) {
                return Optional.of(trouble(now - known.sinceNanos, known.reason));
            }
            for (Attempt it : underWay) {
                boolean isSilent = now - it.startedNanos >= it.patienceNanos;
                if (isSilent && lastSuccessNanos - it.startedNanos <= 0) {
                    return Optional.of(trouble(now - it.startedNanos, "no answer to " + it.what));
                }
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private static Trouble trouble(long nanos, String reason) {
        return new Trouble(Duration.ofNanos(nanos), reason);
    }

    /** Whether nobody asks it anything just now. */
    public boolean isIdle() {
        lock.lock();
        try {
            return underWay.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Since the last request that was answered; also grows while there are none. */
    public Duration sinceSuccess() {
        lock.lock();
        try {
            return Duration.ofNanos(clock.nanos() - lastSuccessNanos);
        } finally {
            lock.unlock();
        }
    }
}
