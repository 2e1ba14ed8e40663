package io.lsmbd.nbd.transmission;

import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_DF;

import io.lsmbd.nbd.handshake.NegotiatedExport.ReplyStyle;
import io.lsmbd.nbd.wire.HeaderStyle;
import io.lsmbd.nbd.wire.NbdConstants;
import io.lsmbd.nbd.wire.NbdError;
import io.lsmbd.nbd.wire.ReplyEncoder;
import io.lsmbd.nbd.wire.ReplyEncoder.Position;
import io.lsmbd.nbd.wire.RequestHeader;
import io.lsmbd.read.Holes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Makes replies of what READs brought, in the buffers that it was read into. Has no state: a READ
 * that waits has its reply made by the thread that waited, since that can take longer than an event
 * loop has for one of its connections.
 */
final class ReadReplies {
    private final boolean isStructured;
    private final HeaderStyle headers;
    private final int headerLength;
    private final ReadChunks chunks;

    ReadReplies(ReplyStyle style) {
        this.isStructured = style != ReplyStyle.SIMPLE;
        this.headers = style.headers();
        this.headerLength =
                isStructured
                        ? ReplyEncoder.offsetDataHeaderLength(headers)
                        : NbdConstants.SIMPLE_REPLY_LENGTH;
        this.chunks = new ReadChunks(headers);
    }

    /** Bytes to be left free in front of the data. */
    int headerLength() {
        return headerLength;
    }

    /** Whether the reply to a READ can tell holes from data, so that it pays to know them. */
    boolean tellHoles(Request request) {
        return isStructured && !request.header.hasFlag(CMD_FLAG_DF);
    }

    /** Whether a reply can tell what came before the failure, and where that was. */
    boolean tellPlace(Failure why) {
        return isStructured && why.concernsOnePlace();
    }

    /**
     * Makes what is sent of the data of {@code request}, none if a failure leaves nothing to be
     * sent. A buffer is not kept for a reply that is much shorter: the client may be slow to read
     * it, and so many would hold far more than they say.
     */
    void make(Request request, ByteBufAllocator alloc) {
        ByteBuf buffer = request.data;
        if (buffer == null) {
            return;
        }
        Failure failure = request.failure;
        int length = request.bytesRead;
        if (failure == null) {
            layOut(buffer, headerLength, request.header, length, request.holes, Position.LAST);
        } else if (length > 0 && tellPlace(failure)) {
            Position position = Position.BEFORE_OTHERS;
            layOut(buffer, headerLength, request.header, length, request.holes, position);
        } else {
            request.data = null;
            buffer.release();
            return;
        }
        if (buffer.readableBytes() < buffer.capacity() / 2) {
            request.data = alloc.directBuffer(buffer.readableBytes()).writeBytes(buffer);
            buffer.release();
        }
    }

    /** Of {@code length} bytes that begin at {@code dataIndex}, behind room for one header. */
    void layOut(
            ByteBuf buffer,
            int dataIndex,
            RequestHeader request,
            int length,
            Holes holes,
            Position end) {
        if (isStructured) {
            chunks.layOut(buffer, dataIndex, request, length, holes, end);
        } else {
            ReplyEncoder.simple(buffer, NbdError.OK, request.cookie());
            buffer.writerIndex(dataIndex + length);
        }
    }
}
