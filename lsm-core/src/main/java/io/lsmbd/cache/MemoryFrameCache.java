package io.lsmbd.cache;

import io.lsmbd.model.DataSize;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Frames in memory outside the heap, in slots of {@link FrameCache#FRAME_BYTES}, split into stripes
 * by the frame's hash. Finding and inserting allocate nothing and never wait for anything but
 * another copy. Thread-safe; after {@link #close} it is empty and stays so.
 */
public final class MemoryFrameCache implements AutoCloseable {
    private static final int MAX_STRIPES = 64;
    private static final int MIN_SLOTS_PER_STRIPE = 64;

    private final Arena arena = Arena.ofShared();
    private final AtomicBoolean isClosed = new AtomicBoolean();
    private final MemoryStripe[] stripes; // a power of two
    private final long capacityFrames;

    public MemoryFrameCache(DataSize capacity, CacheMetrics metrics) {
        long slots = capacity.bytes() / FrameCache.FRAME_BYTES;
        capacityFrames = slots;
        long wanted = Math.clamp(slots / MIN_SLOTS_PER_STRIPE, 1, MAX_STRIPES);
        stripes = new MemoryStripe[(int) Long.highestOneBit(wanted)];
        for (int i = 0; i < stripes.length; i++) {
            long share = slots / stripes.length + (i < slots % stripes.length ? 1 : 0);
            stripes[i] = new MemoryStripe(arena, Math.toIntExact(share));
        }
        metrics.memory().watch(slots * FrameCache.FRAME_BYTES, this::usedBytes, this::evictions);
    }

    private MemoryStripe stripe(long volume, long segment, int frame) {
        return stripes[(int) FrameKey.hash(volume, segment, frame) & (stripes.length - 1)];
    }

    /**
     * Fills {@code into} (its remaining bytes) from byte {@code offsetBytes} of the frame and
     * consumes it; false, and nothing done, if the frame or that part of it is not here.
     */
    boolean copyIfResident(long volume, long segment, int frame, int offsetBytes, ByteBuffer into) {
        FrameCache.checkOffset(offsetBytes);
        return stripe(volume, segment, frame).copy(volume, segment, frame, offsetBytes, into);
    }

    /** Makes the whole frame the buffer's frame; false if it is not here. */
    boolean copyWhole(FrameKey key, FrameBuffer buffer) {
        return stripe(key.volume(), key.segment(), key.frame()).copyWhole(key, buffer.plain());
    }

    /** Does not count as a use. */
    boolean contains(long volume, long segment, int frame) {
        return stripe(volume, segment, frame).contains(volume, segment, frame);
    }

    /** Copies the frame, {@code plain}'s remaining bytes, in; its position stays. */
    void insert(long volume, long segment, int frame, ByteBuffer plain) {
        FrameCache.checkLength(plain.remaining());
        stripe(volume, segment, frame).insert(volume, segment, frame, plain);
    }

    long capacityFrames() {
        return capacityFrames;
    }

    long usedBytes() {
        long sum = 0;
        for (MemoryStripe stripe : stripes) {
            sum += stripe.bytes();
        }
        return sum;
    }

    long evictions() {
        long sum = 0;
        for (MemoryStripe stripe : stripes) {
            sum += stripe.evictions();
        }
        return sum;
    }

    @Override
    public void close() {
        if (isClosed.compareAndSet(false, true)) {
            for (MemoryStripe stripe : stripes) {
                stripe.close();
            }
            arena.close();
        }
    }
}
