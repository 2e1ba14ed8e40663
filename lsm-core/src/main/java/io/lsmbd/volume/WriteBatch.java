package io.lsmbd.volume;

import io.lsmbd.model.Sectors;
import io.lsmbd.wal.WalWrites;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes of whole sectors that are to enter the log together, in this order; they may overlap. To
 * be filled, given to {@link BlockVolume#tryWrite}, cleared and filled again: it allocates nothing
 * once it is made. Holds the caller's buffers until cleared. Not thread-safe.
 */
public final class WriteBatch implements WalWrites {
    public static final int MAX_WRITES = WalWrites.MAX_WRITES;

    /** In all writes together. */
    public static final int MAX_BYTES = WalWrites.MAX_PAYLOAD_BYTES;

    /** In all writes together. */
    public static final int MAX_BUFFERS = 2 * MAX_WRITES;

    private final long[] offsets = new long[MAX_WRITES];
    private final int[] lengths = new int[MAX_WRITES];

    /** Where each write's buffers begin, and where the last one's end. */
    private final int[] firstBuffers = new int[MAX_WRITES + 1];

    private final @Nullable ByteBuffer[] buffers = new ByteBuffer[MAX_BUFFERS];
    private int size;
    private int totalBytes;

    /** Whether a write of 1 to {@link #MAX_BYTES} bytes in so many buffers can be added. */
    public boolean hasRoom(int lengthBytes, int bufferCount) {
        return size < MAX_WRITES
                && lengthBytes <= MAX_BYTES - totalBytes
                && bufferCount <= MAX_BUFFERS - firstBuffers[size];
    }

    /**
     * Adds a write of the remaining bytes of {@code count} buffers from index {@code from} on.
     *
     * @throws IllegalArgumentException if it is empty, not of whole sectors, or there is no room
     */
    public void add(long offsetBytes, ByteBuffer[] payload, int from, int count) {
        long length = 0;
        for (int i = from; i < from + count; i++) {
            length += payload[i].remaining();
        }
        if (offsetBytes < 0 || length == 0 || !Sectors.isAligned(offsetBytes | length)) {
            throw new IllegalArgumentException(
                    "not a write of whole sectors: offset=%d length=%d"
                            .formatted(offsetBytes, length));
        }
        if (length > MAX_BYTES || !hasRoom((int) length, count)) {
            throw new IllegalArgumentException(
                    "no room for %d bytes in %d buffers behind %d writes of %d bytes"
                            .formatted(length, count, size, totalBytes));
        }
        int first = firstBuffers[size];
        System.arraycopy(payload, from, buffers, first, count);
        offsets[size] = offsetBytes;
        lengths[size] = (int) length;
        size++;
        firstBuffers[size] = first + count;
        totalBytes += (int) length;
    }

    @Override
    public int size() {
        return size;
    }

    public int totalBytes() {
        return totalBytes;
    }

    /** Where in the volume the write goes, in bytes. */
    public long offset(int write) {
        return offsets[write];
    }

    @Override
    public long lba(int write) {
        return offsets[write] >> Sectors.SHIFT;
    }

    public int lengthBytes(int write) {
        return lengths[write];
    }

    /** The buffers of all writes; the batch's own array. */
    @Override
    // Filled up to the last write's end; only NullAway cannot see that.
    @SuppressWarnings("NullAway")
    public ByteBuffer[] buffers() {
        return buffers;
    }

    @Override
    public int firstBuffer(int write) {
        return firstBuffers[write];
    }

    @Override
    public int bufferCount(int write) {
        return firstBuffers[write + 1] - firstBuffers[write];
    }

    /** Empties it and forgets the buffers. */
    public void clear() {
        Arrays.fill(buffers, 0, firstBuffers[size], null);
        size = 0;
        totalBytes = 0;
    }
}
