package io.lsmbd.cache;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Neighbouring frames that one call wants, and where their bytes go. Frames count from 0 here. */
final class FrameRequest {
    private final FrameKey first;
    private final int count;
    private final int offsetBytes; // in the first frame
    private final int lengthBytes; // of all that is wanted
    private final int base; // index in the destination of the first wanted byte
    private final @Nullable ByteBuffer into; // a view; null if no bytes are wanted

    private FrameRequest(FrameKey first, int count, int offsetBytes, @Nullable ByteBuffer into) {
        this.first = first;
        this.count = count;
        this.offsetBytes = offsetBytes;
        this.into = into;
        this.lengthBytes = into == null ? 0 : into.remaining();
        this.base = into == null ? 0 : into.position();
    }

    /** For the frames themselves, as far as nobody is bringing them in already. */
    static FrameRequest toWarm(FrameKey first, int count) {
        return new FrameRequest(first, count, 0, null);
    }

    /** For the bytes that fill {@code into}; its position stays. */
    static FrameRequest toRead(FrameKey first, int count, int offsetBytes, ByteBuffer into) {
        FrameCache.checkOffset(offsetBytes);
        long end = offsetBytes + (long) into.remaining();
        long needed = (end + FrameCache.FRAME_BYTES - 1) / FrameCache.FRAME_BYTES;
        if (needed > count) {
            throw new IllegalArgumentException(
                    "%d bytes from byte %d do not lie in %d frames"
                            .formatted(into.remaining(), offsetBytes, count));
        }
        int frames = into.hasRemaining() ? (int) needed : 0;
        return new FrameRequest(first, frames, offsetBytes, into.duplicate());
    }

    int count() {
        return count;
    }

    FrameKey key(int index) {
        return new FrameKey(first.volume(), first.segment(), first.frame() + index);
    }

    boolean wantsBytes() {
        return into != null;
    }

    /** Whether the frame is in memory; its wanted bytes are then copied. */
    boolean isServedBy(MemoryFrameCache memory, int index) {
        int frame = first.frame() + index;
        if (into == null) {
            return memory.contains(first.volume(), first.segment(), frame);
        }
        into.limit(base + end(index) - offsetBytes).position(base + start(index) - offsetBytes);
        int from = start(index) - index * FrameCache.FRAME_BYTES;
        return memory.copyIfResident(first.volume(), first.segment(), frame, from, into);
    }

    /** Copies the wanted bytes out of the frame; its position stays. */
    void copyFrom(int index, ByteBuffer plain) {
        if (into == null) {
            return;
        }
        int from = start(index) - index * FrameCache.FRAME_BYTES;
        int length = end(index) - start(index);
        if (from + length > plain.limit()) {
            throw new IllegalArgumentException(
                    "%s has %d bytes, bytes %d to %d were wanted"
                            .formatted(key(index), plain.limit(), from, from + length));
        }
        into.clear().put(base + start(index) - offsetBytes, plain, from, length);
    }

    /** The wanted part of a frame, in bytes from the start of the first frame. */
    private int start(int index) {
        return Math.max(offsetBytes, Math.multiplyExact(index, FrameCache.FRAME_BYTES));
    }

    private int end(int index) {
        long frameEnd = (index + 1L) * FrameCache.FRAME_BYTES;
        return Math.toIntExact(Math.min(offsetBytes + (long) lengthBytes, frameEnd));
    }
}
