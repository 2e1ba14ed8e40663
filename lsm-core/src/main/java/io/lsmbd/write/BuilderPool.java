package io.lsmbd.write;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Mailbox;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.model.DataSize;
import io.lsmbd.segment.Codec;
import io.lsmbd.segment.SegmentBuilder;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The builders of all volumes: so many segments are under way at a time in the whole daemon, and so
 * much memory do they take, one of them possibly more. Whoever wants one more waits.
 */
public final class BuilderPool implements AutoCloseable {
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

    private final Mailbox<Slot> idle;

    /** Permit for the one builder that may be larger than the others. */
    private final Mailbox<Boolean> oversize;

    private final DataSize capacity;

    /** A permit, and the builder that its last holder needed. Owned by who took it. */
    static final class Slot {
        private Compression compression = new Compression(Codec.NONE, 0);
        private @Nullable SegmentBuilder builder;
        private boolean isOversized;

        /** An empty builder for that compression; memory is kept while the kind stays the same. */
        private SegmentBuilder builder(Compression wanted, DataSize capacity) {
            SegmentBuilder kept = builder;
            if (kept != null && compression.equals(wanted)) {
                kept.reset();
                return kept;
            }
            return fresh(wanted, capacity);
        }

        private SegmentBuilder fresh(Compression wanted, DataSize capacity) {
            close();
            SegmentBuilder fresh = new SegmentBuilder(wanted.codec(), wanted.level(), capacity);
            builder = fresh;
            compression = wanted;
            return fresh;
        }

        private void close() {
            if (builder != null) {
                builder.close();
                builder = null;
            }
        }
    }

    /**
     * @param capacity of each: a segment's size
     */
    public BuilderPool(Environment environment, int builders, DataSize capacity) {
        this.idle = environment.mailbox(builders);
        this.oversize = environment.mailbox(1);
        this.capacity = capacity;
        oversize.offer(Boolean.TRUE);
        for (int i = 0; i < builders; i++) {
            idle.offer(new Slot());
        }
    }

    /** Waits for a permit; null once the pool is closed. */
    @Nullable Slot take() {
        return idle.take();
    }

    /**
     * The slot's builder, with room for so much data. Where that is more than a segment should
     * have, because one request of a client is, it waits until there is no other like it.
     *
     * @param isAbandoned whether nobody wants it any more, looked at while it waits
     */
    SegmentBuilder builder(
            Slot slot, Compression compression, DataSize data, BooleanSupplier isAbandoned)
            throws VolumeClosedException {
        if (data.compareTo(capacity) <= 0) {
            return slot.builder(compression, capacity);
        }
        while (oversize.poll(LOOK_EVERY) == null) {
            if (isAbandoned.getAsBoolean() || oversize.isClosed()) {
                throw new VolumeClosedException("the volume or the server was closed");
            }
        }
        slot.isOversized = true;
        return slot.fresh(compression, data);
    }

    void giveBack(Slot slot) {
        if (slot.isOversized) {
            slot.close();
            slot.isOversized = false;
            oversize.offer(Boolean.TRUE);
        }
        if (!idle.offer(slot)) {
            slot.close();
        }
    }

    @Override
    public void close() {
        idle.close();
        oversize.close();
        for (Slot slot = idle.take(); slot != null; slot = idle.take()) {
            slot.close();
        }
    }
}
