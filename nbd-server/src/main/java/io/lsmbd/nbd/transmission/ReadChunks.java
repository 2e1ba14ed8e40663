package io.lsmbd.nbd.transmission;

import io.lsmbd.nbd.wire.HeaderStyle;
import io.lsmbd.nbd.wire.ReplyEncoder;
import io.lsmbd.nbd.wire.ReplyEncoder.Position;
import io.lsmbd.nbd.wire.RequestHeader;
import io.lsmbd.read.Holes;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Makes chunks of what a READ brought, in the buffer that it was read into: headers go where there
 * was room in front or where a hole was, and data move forward over what holes leave free.
 */
final class ReadChunks {
    /** A chunk of its own costs more than to send so many zeroes; and its header has to fit. */
    static final int MIN_HOLE = 4 << 10;

    private final int dataHeaderLength;

    ReadChunks(HeaderStyle style) {
        this.dataHeaderLength = ReplyEncoder.offsetDataHeaderLength(style);
        assert ReplyEncoder.offsetHoleLength(style) + dataHeaderLength < MIN_HOLE;
    }

    /**
     * Lays out the {@code length} bytes that begin at {@code dataIndex}, with room for one header
     * in front of them, and sets the buffer's writer index behind the chunks.
     *
     * @param end whether these chunks are the whole reply
     */
    void layOut(
            ByteBuf buffer,
            int dataIndex,
            RequestHeader request,
            int length,
            Holes holes,
            Position end) {
        buffer.writerIndex(dataIndex - dataHeaderLength);
        int done = 0; // what lies between this and the next data is zero
        int at = 0;
        for (int i = 0; i < holes.count() && holes.start(i) < length; i++) {
            if (isData(buffer, dataIndex + at, holes.start(i) - at)) {
                hole(buffer, request, done, at, Position.BEFORE_OTHERS);
                data(buffer, dataIndex, request, at, holes.start(i), Position.BEFORE_OTHERS);
                done = holes.start(i);
            }
            at = Math.min(holes.end(i), length);
        }
        if (isData(buffer, dataIndex + at, length - at)) {
            hole(buffer, request, done, at, Position.BEFORE_OTHERS);
            data(buffer, dataIndex, request, at, length, end);
        } else {
            hole(buffer, request, done, length, end);
        }
    }

    private static boolean isData(ByteBuf buffer, int index, int length) {
        boolean isZero =
                length >= MIN_HOLE
                        && buffer.getLong(index) == 0
                        && Zeroes.only(buffer.internalNioBuffer(index, length));
        return length > 0 && !isZero;
    }

    private static void hole(
            ByteBuf buffer, RequestHeader request, int from, int to, Position position) {
        if (from < to) {
            ReplyEncoder.offsetHole(buffer, request, position, request.offset() + from, to - from);
        }
    }

    private static void data(
            ByteBuf buffer,
            int dataIndex,
            RequestHeader request,
            int from,
            int to,
            Position position) {
        int length = to - from;
        ReplyEncoder.offsetData(buffer, request, position, request.offset() + from, length);
        int index = buffer.writerIndex();
        if (index != dataIndex + from) {
            move(buffer, dataIndex + from, index, length);
        }
        buffer.writerIndex(index + length);
    }

    /** The two places may overlap. */
    private static void move(ByteBuf buffer, int from, int to, int length) {
        ByteBuffer all = buffer.internalNioBuffer(0, buffer.capacity());
        int base = all.position();
        all.put(base + to, all, base + from, length);
    }
}
