package io.lsmbd.write;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Mailbox;
import io.lsmbd.model.DataSize;
import io.lsmbd.segment.Codec;
import io.lsmbd.segment.SegmentBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The builders of all volumes: so many segments are under way at a time in the whole daemon, and so
 * much memory do they take. Whoever wants one more waits.
 */
public final class BuilderPool implements AutoCloseable {
    private final Mailbox<Slot> idle;
    private final DataSize capacity;

    /** A permit, and the builder that its last holder needed. Owned by who took it. */
    static final class Slot {
        private Compression compression = new Compression(Codec.NONE, 0);
        private @Nullable SegmentBuilder builder;

        /** An empty builder for that compression; memory is kept while the kind stays the same. */
        private SegmentBuilder builder(Compression wanted, DataSize capacity) {
            SegmentBuilder kept = builder;
            if (kept != null && compression.equals(wanted)) {
                kept.reset();
                return kept;
            }
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
        this.capacity = capacity;
        for (int i = 0; i < builders; i++) {
            idle.offer(new Slot());
        }
    }

    /** Waits for a permit; null once the pool is closed. */
    @Nullable Slot take() {
        return idle.take();
    }

    SegmentBuilder builder(Slot slot, Compression compression) {
        return slot.builder(compression, capacity);
    }

    void giveBack(Slot slot) {
        if (!idle.offer(slot)) {
            slot.close();
        }
    }

    @Override
    public void close() {
        idle.close();
        for (Slot slot = idle.take(); slot != null; slot = idle.take()) {
            slot.close();
        }
    }
}
