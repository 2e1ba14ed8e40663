package io.lsmbd.nbd.transmission;

import io.lsmbd.nbd.handshake.NegotiatedExport.ReplyStyle;
import io.lsmbd.nbd.wire.HeaderStyle;
import io.lsmbd.nbd.wire.NbdConstants;
import io.lsmbd.nbd.wire.NbdError;
import io.lsmbd.nbd.wire.ReplyEncoder;
import io.lsmbd.nbd.wire.ReplyEncoder.Position;
import io.lsmbd.read.Holes;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the replies of one connection, many of them in one buffer, until {@link #flush}. If the
 * socket took all of that buffer, it is used again. Data of READ goes right where it is sent from.
 * The connection's event loop owns it.
 */
final class ReplyWriter {
    /** Longer data gets a buffer of its own. */
    static final int MAX_GATHERED_DATA = 16 << 10;

    private static final int MIN_CAPACITY = 1 << 10;
    private static final int MAX_CAPACITY = 128 << 10;

    /** From here on the client may begin to read while the rest is still made. */
    private static final int FLUSH_AT = 256 << 10;

    /** What is shorter is copied, so that its buffer, sized for more, can go. */
    private static final int MIN_PASSED_ON = 2 << 10;

    private final ChannelHandlerContext ctx;
    private final boolean isStructured;
    private final HeaderStyle headers;
    private final ReadReplies reads;
    private final int dataHeaderLength;
    private @Nullable ByteBuf gathered;
    private int capacity = MIN_CAPACITY;
    private int unflushedBytes;
    private long writtenBytes;

    ReplyWriter(ChannelHandlerContext ctx, ReplyStyle style) {
        this.ctx = ctx;
        this.isStructured = style != ReplyStyle.SIMPLE;
        this.headers = style.headers();
        this.reads = new ReadReplies(style);
        this.dataHeaderLength = reads.headerLength();
    }

    /** Makes the reply of a READ right here, before it is given to {@link #read}. */
    void makeRead(Request request) {
        reads.make(request, ctx.alloc());
    }

    /** Makes replies of what READs brought; for use from any thread. */
    ReadReplies reads() {
        return reads;
    }

    /** Answers a request that has no content to give. */
    void success(Request request) {
        if (isStructured) {
            ReplyEncoder.none(room(headers.chunkHeaderLength()), request.header);
        } else {
            simple(request, NbdError.OK);
        }
    }

    private void simple(Request request, NbdError error) {
        ByteBuf out = room(NbdConstants.SIMPLE_REPLY_LENGTH);
        ReplyEncoder.simple(out, error, request.header.cookie());
    }

    void failure(Request request, Failure why) {
        if (isStructured) {
            ByteBuf out = room(ReplyEncoder.errorLength(headers, why.message()));
            ReplyEncoder.error(out, request.header, why.error(), why.message());
        } else {
            simple(request, why.error());
        }
    }

    /** Answers a BLOCK_STATUS; only structured and extended replies can. */
    void statuses(Request request, List<BlockStatus> statuses) {
        for (int i = 0; i < statuses.size(); i++) {
            BlockStatus status = statuses.get(i);
            int length = ReplyEncoder.blockStatusLength(headers, status.extents());
            ByteBuf out = room(headers.chunkHeaderLength() + length);
            Position position = i == statuses.size() - 1 ? Position.LAST : Position.BEFORE_OTHERS;
            ReplyEncoder.blockStatus(
                    out, request.header, position, status.contextId(), status.extents());
        }
    }

    /**
     * Where short data of a READ may be put, to be followed by {@link #gatheredData} or nothing.
     */
    ByteBuffer placeForData(int length) {
        ByteBuf out = room(dataHeaderLength + length);
        return out.internalNioBuffer(out.writerIndex() + dataHeaderLength, length);
    }

    /** Answers with the data that has been put into {@link #placeForData}. */
    void gatheredData(Request request, int length, Holes holes) {
        ByteBuf out = room(dataHeaderLength + length);
        int dataIndex = out.writerIndex() + dataHeaderLength;
        reads.layOut(out, dataIndex, request.header, length, holes, Position.LAST);
    }

    /** Answers that only the first {@code length} bytes, none or some, could be read. */
    void gatheredPart(Request request, int length, Holes holes, Failure why) {
        if (length > 0 && reads.tellPlace(why)) {
            ByteBuf out = room(dataHeaderLength + length);
            int dataIndex = out.writerIndex() + dataHeaderLength;
            reads.layOut(out, dataIndex, request.header, length, holes, Position.BEFORE_OTHERS);
        }
        failureAt(request, length, why);
    }

    private void failureAt(Request request, int bytesRead, Failure why) {
        if (reads.tellPlace(why) && bytesRead < request.length) {
            ByteBuf out = room(ReplyEncoder.errorLength(headers, why.message()));
            long offset = request.offset() + bytesRead;
            ReplyEncoder.errorAt(out, request.header, why.error(), why.message(), offset);
        } else {
            failure(request, why);
        }
    }

    /** A buffer for longer data, which fills its end. */
    ByteBuf bufferForData(int length) {
        return ctx.alloc().directBuffer(dataHeaderLength + length);
    }

    /** For use from the event loop before anything else is done with the buffer. */
    ByteBuffer placeForData(ByteBuf buffer) {
        return buffer.internalNioBuffer(dataHeaderLength, buffer.capacity() - dataHeaderLength);
    }

    /**
     * Answers a READ with what {@link ReadReplies#make} made in its {@link #bufferForData}, and
     * with its failure if it has one. Takes its buffer.
     */
    void read(Request request) {
        ByteBuf buffer = request.data;
        request.data = null;
        if (buffer != null) {
            consume(buffer);
        }
        Failure failure = request.failure;
        if (failure != null) {
            failureAt(request, request.bytesRead, failure);
        }
    }

    private void consume(ByteBuf buffer) {
        int length = buffer.readableBytes();
        if (length < MIN_PASSED_ON) {
            room(length).writeBytes(buffer);
            buffer.release();
        } else {
            passOn();
            send(buffer);
        }
    }

    /** The gathering buffer with room for so many bytes. */
    private ByteBuf room(int bytes) {
        // Passing on lets requests go on that had to wait: they may have begun another one.
        while (gathered != null && gathered.writableBytes() < bytes) {
            passOn();
            capacity = Math.min(capacity * 2, MAX_CAPACITY);
        }
        if (gathered == null) {
            gathered = ctx.alloc().directBuffer(Math.max(capacity, bytes));
        }
        return gathered;
    }

    /** Gives the gathered replies to the channel. */
    private void passOn() {
        ByteBuf out = gathered;
        if (out != null) {
            gathered = null;
            send(out);
        }
    }

    /** Releases {@code buffer}. */
    private void send(ByteBuf buffer) {
        writtenBytes += buffer.readableBytes();
        unflushedBytes += buffer.readableBytes();
        var _ = ctx.write(buffer, ctx.voidPromise());
        if (unflushedBytes >= FLUSH_AT) {
            unflushedBytes = 0;
            ctx.flush();
        }
    }

    void flush() {
        ByteBuf out = gathered;
        unflushedBytes = 0;
        if (out == null || !out.isReadable()) {
            ctx.flush();
            return;
        }
        gathered = null;
        writtenBytes += out.readableBytes();
        var _ = ctx.writeAndFlush(out.retain(), ctx.voidPromise());
        // Room in the socket lets requests go on that had to wait: those may have begun another.
        if (gathered == null && out.refCnt() == 1) {
            gathered = out.clear();
        } else {
            out.release();
        }
    }

    /** Replies that the channel has not been given yet. */
    int gatheredBytes() {
        return gathered == null ? 0 : gathered.readableBytes();
    }

    /** All bytes ever given to the channel. */
    long writtenBytes() {
        return writtenBytes;
    }

    /** Has no memory until there are more replies, unless some wait to be flushed. */
    void trim() {
        if (gatheredBytes() > 0) {
            return;
        }
        close();
        capacity = MIN_CAPACITY;
    }

    void close() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }
}
