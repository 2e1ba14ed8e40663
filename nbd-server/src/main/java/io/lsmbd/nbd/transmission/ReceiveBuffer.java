package io.lsmbd.nbd.transmission;

import io.lsmbd.nbd.limits.InFlightBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What has arrived on one connection and is not yet decoded. The transport reads straight into the
 * free end of this buffer, so a payload that comes in many pieces lies in one place without having
 * been copied, whatever the size of the pieces. If nobody else holds the buffer when it is used up,
 * it is filled again from its start: in steady state nothing is allocated. Its size follows the
 * traffic. The connection's event loop owns it.
 *
 * <p>To be set as the channel's allocator before the first read; until {@link #begin} it hands out
 * small buffers for the handshake.
 */
public final class ReceiveBuffer extends DefaultMaxMessagesRecvByteBufAllocator {
    private static final int HANDSHAKE_CAPACITY = 2 << 10;

    /** Some records of TLS. */
    private static final int CIPHERTEXT_CAPACITY = 64 << 10;

    private static final int MIN_CAPACITY = 16 << 10;
    private static final int MAX_CAPACITY = 256 << 10;

    /** A free end shorter than this is not worth a system call, unless all that is due fits. */
    private static final int MIN_READ = 4 << 10;

    /** So many bytes at the end of a full buffer are moved; more are left in place, as a piece. */
    private static final int MAX_MOVED = 8 << 10;

    /** So many reads that used less than a quarter make the buffer shrink. */
    private static final int READS_BEFORE_SHRINKING = 64;

    private InFlightBudget.@Nullable Share room;
    private boolean isInTransmission;
    private boolean isCiphertextRead;
    private @Nullable ByteBuf current;
    private int capacity = MIN_CAPACITY;
    private int smallReads;

    /** Bytes wanted beyond those that are there. */
    private int due = MIN_READ;

    /** Views of {@link #current}, kept for as long as it is; the first so many are in use. */
    private final List<ByteBuffer> views = new ArrayList<>();

    private int viewsInUse;

    @Override
    @SuppressWarnings("deprecation") // the only type that Netty accepts here
    public Handle newHandle() {
        return new ReadHandle();
    }

    private final class ReadHandle extends MaxMessageHandle {
        @Override
        public int guess() {
            return isInTransmission ? capacity : HANDSHAKE_CAPACITY;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator alloc) {
            if (!isInTransmission) {
                return alloc.ioBuffer(HANDSHAKE_CAPACITY);
            }
            return isCiphertextRead ? alloc.ioBuffer(CIPHERTEXT_CAPACITY) : nextRead(alloc);
        }
    }

    /**
     * The connection is under TLS: what the transport reads is not what is to be decoded, and goes
     * into buffers of its own.
     */
    public void readCiphertext() {
        isCiphertextRead = true;
    }

    /** From now on takes memory from {@code room} before it becomes larger than others. */
    void begin(InFlightBudget.Share room) {
        this.room = room;
        isInTransmission = true;
    }

    /** The undecoded bytes are its readable ones; null if nothing has arrived yet. */
    @Nullable ByteBuf current() {
        return current;
    }

    /** Tells how much is missing from the payload whose beginning is here. */
    void expectPayload(int bytes) {
        due = bytes;
    }

    /** Tells that there is at most a part of a header here. */
    void expectHeader() {
        due = MIN_READ;
    }

    /**
     * The first {@code length} readable bytes, for use until {@link #forgetViews}, which has to
     * come before the next read.
     */
    ByteBuffer view(int length) {
        ByteBuf buffer = Objects.requireNonNull(current);
        if (viewsInUse == views.size()) {
            views.add(buffer.nioBuffer(0, buffer.capacity()));
        }
        int start = buffer.readerIndex();
        return views.get(viewsInUse++).limit(start + length).position(start);
    }

    void forgetViews() {
        viewsInUse = 0;
    }

    /** Whether what is due goes into another buffer and what is here is too much to be moved. */
    boolean shouldLeavePiece() {
        ByteBuf buffer = current;
        return buffer != null && isUsedUp(buffer) && buffer.readableBytes() > MAX_MOVED;
    }

    /** Gives the buffer with its readable bytes away; the next bytes go into another. */
    ByteBuf takePiece() {
        ByteBuf piece = current;
        if (piece == null) {
            throw new IllegalStateException("no piece to take");
        }
        replaceBy(null);
        enlarge();
        return piece;
    }

    /** The buffer whose free end takes the next bytes, retained for the transport. */
    private ByteBuf nextRead(ByteBufAllocator alloc) {
        return withRoom(alloc).retain();
    }

    /**
     * Takes note of what the transport read: into this buffer, or, during the handshake or under
     * TLS, into another one, from which it is copied. Releases {@code bytes}.
     */
    @SuppressWarnings("ReferenceEquality") // whether it is this buffer, not whether it looks so
    void consumeRead(ByteBufAllocator alloc, ByteBuf bytes) {
        try {
            if (bytes != current) {
                append(alloc, bytes);
            }
        } finally {
            bytes.release();
        }
    }

    private void append(ByteBufAllocator alloc, ByteBuf bytes) {
        while (bytes.isReadable()) {
            ByteBuf buffer = withRoom(alloc);
            bytes.readBytes(buffer, Math.min(bytes.readableBytes(), buffer.writableBytes()));
        }
    }

    private ByteBuf withRoom(ByteBufAllocator alloc) {
        ByteBuf buffer = current;
        if (buffer != null && !buffer.isReadable() && buffer.refCnt() == 1) {
            adaptTo(buffer.writerIndex());
            buffer.clear();
            if (buffer.capacity() == capacity) {
                return buffer;
            }
            // Its room may have been given back: others count on that.
            buffer.release();
            replaceBy(null);
            buffer = null;
        }
        if (buffer != null && !isUsedUp(buffer)) {
            return buffer;
        }
        int moved = buffer == null ? 0 : buffer.readableBytes();
        if (moved > 0) {
            enlarge();
        }
        // Not more than the capacity: larger buffers may come from no pool, and with another
        // capacity it would not be filled again.
        ByteBuf next = alloc.directBuffer(Math.max(capacity, moved + MIN_READ));
        if (buffer != null) {
            next.writeBytes(buffer);
            buffer.release();
        }
        replaceBy(next);
        return next;
    }

    private void replaceBy(@Nullable ByteBuf next) {
        current = next;
        views.clear();
        viewsInUse = 0;
    }

    private boolean isUsedUp(ByteBuf buffer) {
        return buffer.writableBytes() < Math.min(MIN_READ, due);
    }

    private void adaptTo(int used) {
        if (used >= capacity) {
            enlarge();
        } else if (used >= capacity / 4) {
            smallReads = 0;
        } else if (++smallReads >= READS_BEFORE_SHRINKING) {
            shrinkTo(Math.max(capacity / 2, MIN_CAPACITY));
        }
    }

    /** The capacity, beyond the least, is taken from the room that all connections share. */
    private void enlarge() {
        smallReads = 0;
        if (capacity < MAX_CAPACITY && Objects.requireNonNull(room).takeIfRoom(capacity)) {
            capacity *= 2;
        }
    }

    private void shrinkTo(int less) {
        smallReads = 0;
        if (less < capacity) {
            Objects.requireNonNull(room).giveBack(capacity - less);
            capacity = less;
        }
    }

    /** Has no memory until more arrives, if nothing is here and nobody else holds it. */
    void trim() {
        ByteBuf buffer = current;
        if (buffer != null && !buffer.isReadable() && buffer.refCnt() == 1) {
            close();
        }
    }

    void close() {
        if (current != null) {
            current.release();
            replaceBy(null);
        }
        shrinkTo(MIN_CAPACITY);
    }
}
