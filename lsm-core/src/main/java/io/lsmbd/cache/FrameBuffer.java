package io.lsmbd.cache;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory for one frame with room in front for its header on disk, so that a slot is read and
 * written in one call and without a copy. Used by one thread at a time.
 */
final class FrameBuffer {
    private final ByteBuffer slot =
            ByteBuffer.allocateDirect(SlotFormat.SLOT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer plain = slot.slice(SlotFormat.HEADER_BYTES, FrameCache.FRAME_BYTES);

    /** Header and frame as they lie in a slot on disk. */
    ByteBuffer slot() {
        return slot;
    }

    /** The frame's part: its remaining bytes are the frame, once that is here. */
    ByteBuffer plain() {
        return plain;
    }

    /** Takes the remaining bytes of {@code frame} as the frame; its position stays. */
    void fillFrom(ByteBuffer frame) {
        int count = frame.remaining();
        plain.clear().put(0, frame, frame.position(), count).limit(count);
    }

    /** Makes what a loader left, this buffer's own {@link #plain} or another, the frame. */
    // Which object it is, not what it holds, tells whether there is anything to copy.
    @SuppressWarnings("ReferenceEquality")
    void accept(ByteBuffer loaded) {
        FrameCache.checkLength(loaded.remaining());
        if (loaded != plain) {
            fillFrom(loaded);
        } else if (plain.position() != 0) {
            throw new IllegalStateException("a loader did not flip its buffer: " + plain);
        }
    }
}
