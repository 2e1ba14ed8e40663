package io.lsmbd.wal;

import java.nio.ByteBuffer;

/**
 * A write's payload in the caller's buffers, taken piece by piece. Reused; one thread at a time.
 */
final class PayloadSource {
    private static final ByteBuffer[] NOTHING = {};

    private ByteBuffer[] buffers = NOTHING;
    private int first;
    private int end;
    private int current;

    /** Index in the current buffer of what is next, counted from its position. */
    private int taken;

    private long lba;
    private long bytesLeft;

    /** The remaining bytes of {@code count} buffers, from the one at {@code from} on. */
    void begin(long firstLba, ByteBuffer[] payload, int from, int count) {
        buffers = payload;
        first = from;
        end = from + count;
        current = from;
        taken = 0;
        lba = firstLba;
        bytesLeft = 0;
        for (int i = first; i < end; i++) {
            bytesLeft += payload[i].remaining();
        }
    }

    /** Where the next record goes. */
    long lba() {
        return lba;
    }

    long bytesLeft() {
        return bytesLeft;
    }

    /**
     * The next bytes, at least one, at most so many: a buffer itself if that is wanted whole, else
     * a view of it. Changes no buffer, so that what is not appended after all can be tried again.
     */
    ByteBuffer next(int atMost) {
        while (!buffers[current].hasRemaining()) {
            current++;
        }
        ByteBuffer buffer = buffers[current];
        int left = buffer.remaining() - taken;
        int length = Math.min(atMost, left);
        ByteBuffer piece =
                length == buffer.remaining()
                        ? buffer
                        : buffer.slice(buffer.position() + taken, length);
        taken += length;
        if (length == left) {
            current++;
            taken = 0;
        }
        bytesLeft -= length;
        return piece;
    }

    /** A record took so many sectors. */
    void advance(long sectors) {
        lba += sectors;
    }

    /** All of it was appended. */
    void consume() {
        for (int i = first; i < end; i++) {
            buffers[i].position(buffers[i].limit());
        }
        release();
    }

    void release() {
        buffers = NOTHING;
        first = 0;
        end = 0;
        current = 0;
        bytesLeft = 0;
    }
}
