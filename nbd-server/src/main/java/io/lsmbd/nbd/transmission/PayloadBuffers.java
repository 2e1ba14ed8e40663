package io.lsmbd.nbd.transmission;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The payload of the WRITE that a connection is receiving: whole buffers that it filled, in order,
 * and a rest in the receive buffer. The connection's event loop owns it.
 */
final class PayloadBuffers {
    private static final int FIRST_CAPACITY = 8;

    private ByteBuf[] pieces = new ByteBuf[FIRST_CAPACITY];
    private ByteBuffer[] views = new ByteBuffer[FIRST_CAPACITY + 1];
    private int count;
    private int bytes;

    /** Appends the readable bytes of {@code piece}; releases it when the payload is done with. */
    void consumePiece(ByteBuf piece) {
        if (count == pieces.length) {
            pieces = Arrays.copyOf(pieces, count * 2);
            views = Arrays.copyOf(views, count * 2 + 1);
        }
        pieces[count++] = piece;
        bytes += piece.readableBytes();
    }

    /** Bytes in the pieces. */
    int bytes() {
        return bytes;
    }

    /**
     * Fills {@link #views} with the pieces and the first {@code restLength} readable bytes of
     * {@code rest}, for use before anything else is done to these buffers. Returns how many.
     */
    int view(ByteBuf rest, int restLength) {
        for (int i = 0; i < count; i++) {
            ByteBuf piece = pieces[i];
            views[i] = piece.internalNioBuffer(piece.readerIndex(), piece.readableBytes());
        }
        views[count] = rest.internalNioBuffer(rest.readerIndex(), restLength);
        return count + 1;
    }

    ByteBuffer[] views() {
        return views;
    }

    /** The same for use from any thread at any time until released; empties this. */
    HeldPayload hold(ByteBuf rest, int restLength) {
        ByteBuf[] owned = Arrays.copyOf(pieces, count + 1);
        ByteBuffer[] held = new ByteBuffer[count + 1];
        for (int i = 0; i < count; i++) {
            held[i] = owned[i].nioBuffer();
        }
        held[count] = rest.nioBuffer(rest.readerIndex(), restLength);
        owned[count] = rest.retain();
        forget();
        return new HeldPayload(owned, held);
    }

    void release() {
        for (int i = 0; i < count; i++) {
            pieces[i].release();
        }
        forget();
    }

    private void forget() {
        Arrays.fill(pieces, 0, count, null);
        count = 0;
        bytes = 0;
    }

    /** Payload that outlives the reading of its connection's next bytes. */
    static final class HeldPayload {
        static final HeldPayload NOTHING = new HeldPayload(new ByteBuf[0], new ByteBuffer[0]);

        private final ByteBuf[] owned;
        private final ByteBuffer[] views;

        /** The bytes of {@code source} that {@code view}, of the same indices, has remaining. */
        static HeldPayload of(ByteBuf source, ByteBuffer view) {
            ByteBuffer held = source.nioBuffer(view.position(), view.remaining());
            return new HeldPayload(new ByteBuf[] {source.retain()}, new ByteBuffer[] {held});
        }

        private HeldPayload(ByteBuf[] owned, ByteBuffer[] views) {
            this.owned = owned;
            this.views = views;
        }

        ByteBuffer[] views() {
            return views;
        }

        void release() {
            for (ByteBuf buffer : owned) {
                buffer.release();
            }
        }
    }
}
