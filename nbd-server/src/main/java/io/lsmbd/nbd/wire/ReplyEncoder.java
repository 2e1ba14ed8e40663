package io.lsmbd.nbd.wire;

import static io.lsmbd.nbd.wire.NbdConstants.EXTENDED_REPLY_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_FLAG_DONE;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_BLOCK_STATUS;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_BLOCK_STATUS_EXT;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_ERROR;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_ERROR_OFFSET;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_NONE;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_OFFSET_DATA;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_OFFSET_HOLE;
import static io.lsmbd.nbd.wire.NbdConstants.SIMPLE_REPLY_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.STRUCTURED_REPLY_MAGIC;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * Replies of the transmission phase, appended to a buffer ("Simple reply message", "Structured
 * reply chunk message", and its counterpart with extended headers). Chunks have the style of their
 * request.
 */
public final class ReplyEncoder {
    private static final int EXTENT_LENGTH = Integer.BYTES + Integer.BYTES;
    private static final int EXTENDED_EXTENT_LENGTH = Long.BYTES + Long.BYTES;

    /** Whether more chunks come behind one. */
    public enum Position {
        BEFORE_OTHERS,
        LAST
    }

    private ReplyEncoder() {}

    public static void simple(ByteBuf out, NbdError error, long cookie) {
        out.writeInt(SIMPLE_REPLY_MAGIC).writeInt(error.code()).writeLong(cookie);
    }

    /** Ends a reply that needs no content. */
    public static void none(ByteBuf out, RequestHeader request) {
        chunk(out, request, Position.LAST, REPLY_TYPE_NONE, 0);
    }

    /** Some of the answer to a READ, up to its {@code length} bytes, which the caller appends. */
    public static void offsetData(
            ByteBuf out, RequestHeader request, Position position, long offset, int length) {
        chunk(out, request, position, REPLY_TYPE_OFFSET_DATA, Long.BYTES + length);
        out.writeLong(offset);
    }

    public static int offsetDataHeaderLength(HeaderStyle style) {
        return style.chunkHeaderLength() + Long.BYTES;
    }

    /** Some of the answer to a READ, {@code length} zeroes. */
    public static void offsetHole(
            ByteBuf out, RequestHeader request, Position position, long offset, int length) {
        chunk(out, request, position, REPLY_TYPE_OFFSET_HOLE, Long.BYTES + Integer.BYTES);
        out.writeLong(offset).writeInt(length);
    }

    public static int offsetHoleLength(HeaderStyle style) {
        return style.chunkHeaderLength() + Long.BYTES + Integer.BYTES;
    }

    /** What a BLOCK_STATUS learns of one context. */
    public static void blockStatus(
            ByteBuf out, RequestHeader request, Position position, int contextId, Extents extents) {
        int count = extents.count();
        int length = blockStatusLength(request.style(), extents);
        switch (request.style()) {
            case COMPACT -> {
                chunk(out, request, position, REPLY_TYPE_BLOCK_STATUS, length);
                out.writeInt(contextId);
                for (int i = 0; i < count; i++) {
                    out.writeInt((int) extents.length(i)).writeInt(extents.state(i));
                }
            }
            case EXTENDED -> {
                chunk(out, request, position, REPLY_TYPE_BLOCK_STATUS_EXT, length);
                out.writeInt(contextId).writeInt(count);
                for (int i = 0; i < count; i++) {
                    out.writeLong(extents.length(i)).writeLong(extents.state(i));
                }
            }
        }
    }

    /** Without the header. */
    public static int blockStatusLength(HeaderStyle style, Extents extents) {
        int count = extents.count();
        return switch (style) {
            case COMPACT -> Integer.BYTES + count * EXTENT_LENGTH;
            case EXTENDED -> Integer.BYTES + Integer.BYTES + count * EXTENDED_EXTENT_LENGTH;
        };
    }

    /** Answers with an error and a short message for people. */
    public static void error(ByteBuf out, RequestHeader request, NbdError error, String message) {
        byte[] text = message.getBytes(UTF_8);
        int length = Integer.BYTES + Short.BYTES + text.length;
        chunk(out, request, Position.LAST, REPLY_TYPE_ERROR, length);
        out.writeInt(error.code()).writeShort(text.length).writeBytes(text);
    }

    /** As {@link #error}, where one place is to blame and what came before it is good. */
    public static void errorAt(
            ByteBuf out, RequestHeader request, NbdError error, String message, long offset) {
        byte[] text = message.getBytes(UTF_8);
        int length = Integer.BYTES + Short.BYTES + text.length + Long.BYTES;
        chunk(out, request, Position.LAST, REPLY_TYPE_ERROR_OFFSET, length);
        out.writeInt(error.code()).writeShort(text.length).writeBytes(text).writeLong(offset);
    }

    /** At most so many bytes, header and offset included. */
    public static int errorLength(HeaderStyle style, String message) {
        int textLength = ByteBufUtil.utf8MaxBytes(message);
        return style.chunkHeaderLength() + Integer.BYTES + Short.BYTES + textLength + Long.BYTES;
    }

    private static void chunk(
            ByteBuf out, RequestHeader request, Position position, int type, int length) {
        int flags = position == Position.LAST ? REPLY_FLAG_DONE : 0;
        switch (request.style()) {
            case COMPACT ->
                    out.writeInt(STRUCTURED_REPLY_MAGIC)
                            .writeShort(flags)
                            .writeShort(type)
                            .writeLong(request.cookie())
                            .writeInt(length);
            case EXTENDED ->
                    out.writeInt(EXTENDED_REPLY_MAGIC)
                            .writeShort(flags)
                            .writeShort(type)
                            .writeLong(request.cookie())
                            .writeLong(request.offset())
                            .writeLong(length);
        }
    }
}
