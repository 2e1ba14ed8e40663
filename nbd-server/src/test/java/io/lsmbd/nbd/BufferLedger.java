package io.lsmbd.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakTracker;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands in for Netty's leak detector (system property io.netty.customResourceLeakDetector, set for
 * all tests of this module) and keeps account of every buffer, so that a leak is certain at once
 * instead of likely after garbage collection.
 */
public final class BufferLedger<T> extends ResourceLeakDetector<T> {
    private static final long PATIENCE_NANOS = 10_000_000_000L;
    private static final Map<Entry<?>, Throwable> OPEN = new ConcurrentHashMap<>();
    private static final AtomicLong SEEN = new AtomicLong();
    private static final AtomicLong BYTES = new AtomicLong();
    private static final AtomicLong PEAK_BYTES = new AtomicLong();

    public BufferLedger(Class<?> resourceType, int samplingInterval, long maxActive) {
        super(resourceType, samplingInterval);
    }

    public BufferLedger(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
    }

    @Override
    public ResourceLeakTracker<T> track(T resource) {
        long bytes = resource instanceof ByteBuf buffer ? buffer.capacity() : 0;
        Entry<T> entry = new Entry<>(bytes);
        OPEN.put(entry, new Throwable("acquired here, never released"));
        SEEN.incrementAndGet();
        PEAK_BYTES.accumulateAndGet(BYTES.addAndGet(bytes), Math::max);
        return entry;
    }

    @Override
    public ResourceLeakTracker<T> trackForcibly(T resource) {
        return track(resource);
    }

    /** Forgets the peak so far. */
    static void startMeasuring() {
        PEAK_BYTES.set(BYTES.get());
    }

    /** The most bytes in buffers at any moment since {@link #startMeasuring}. */
    static long peakBytes() {
        return PEAK_BYTES.get();
    }

    /** In buffers just now. */
    static long bytes() {
        return BYTES.get();
    }

    /** As {@link #assertEmpty}, with some patience for what other threads are about to release. */
    static void awaitEmpty() {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!OPEN.isEmpty() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEmpty();
    }

    /** Fails if a buffer has not been released, or if nothing was ever recorded here. */
    static void assertEmpty() {
        if (SEEN.get() == 0) {
            throw new AssertionError("Netty does not report to this class");
        }
        OPEN.forEach((entry, where) -> {
            throw new AssertionError("a buffer of " + entry.bytes + " bytes leaked", where);
        });
    }

    private static final class Entry<T> implements ResourceLeakTracker<T> {
        private final long bytes;

        private Entry(long bytes) {
            this.bytes = bytes;
        }

        @Override
        public void record() {}

        @Override
        public void record(Object hint) {}

        @Override
        public boolean close(T resource) {
            boolean isFirst = OPEN.remove(this) != null;
            if (isFirst) {
                BYTES.addAndGet(-bytes);
            }
            return isFirst;
        }
    }
}
