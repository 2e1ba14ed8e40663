package io.lsmbd.nbd.wire;

import static io.lsmbd.nbd.wire.NbdConstants.CHUNK_HEADER_LENGTH;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_FLAG_DONE;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_BLOCK_STATUS;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_ERROR;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_NONE;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_OFFSET_DATA;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_OFFSET_HOLE;
import static io.lsmbd.nbd.wire.NbdConstants.SIMPLE_REPLY_LENGTH;
import static io.lsmbd.nbd.wire.NbdConstants.SIMPLE_REPLY_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.STRUCTURED_REPLY_MAGIC;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/** Replies of the transmission phase, appended to a buffer ("Simple" and "Structured reply"). */
public final class ReplyEncoder {
    /** Up to the data of a structured READ reply. */
    public static final int OFFSET_DATA_HEADER_LENGTH = CHUNK_HEADER_LENGTH + Long.BYTES;

    public static final int OFFSET_HOLE_LENGTH = CHUNK_HEADER_LENGTH + Long.BYTES + Integer.BYTES;

    /** No reply without data is longer than this plus its message or extents. */
    public static final int MAX_FIXED_LENGTH = OFFSET_HOLE_LENGTH;

    private static final int EXTENT_LENGTH = Integer.BYTES + Integer.BYTES;

    static {
        assert SIMPLE_REPLY_LENGTH <= MAX_FIXED_LENGTH;
        assert OFFSET_DATA_HEADER_LENGTH <= MAX_FIXED_LENGTH;
    }

    private ReplyEncoder() {}

    public static void simple(ByteBuf out, NbdError error, long cookie) {
        out.writeInt(SIMPLE_REPLY_MAGIC).writeInt(error.code()).writeLong(cookie);
    }

    /** Ends a reply that needs no content. */
    public static void none(ByteBuf out, long cookie) {
        chunk(out, REPLY_TYPE_NONE, cookie, 0);
    }

    /** The whole answer to a READ, up to its {@code dataLength} bytes, which the caller appends. */
    public static void offsetData(ByteBuf out, long cookie, long offset, int dataLength) {
        chunk(out, REPLY_TYPE_OFFSET_DATA, cookie, Long.BYTES + dataLength);
        out.writeLong(offset);
    }

    /** The whole answer to a READ of zeroes. */
    public static void offsetHole(ByteBuf out, long cookie, long offset, int holeLength) {
        chunk(out, REPLY_TYPE_OFFSET_HOLE, cookie, Long.BYTES + Integer.BYTES);
        out.writeLong(offset).writeInt(holeLength);
    }

    /** The whole answer to a BLOCK_STATUS with one context. */
    public static void blockStatus(ByteBuf out, long cookie, int contextId, Extents extents) {
        int count = extents.count();
        chunk(out, REPLY_TYPE_BLOCK_STATUS, cookie, Integer.BYTES + count * EXTENT_LENGTH);
        out.writeInt(contextId);
        for (int i = 0; i < count; i++) {
            out.writeInt(extents.length(i)).writeInt(extents.state(i));
        }
    }

    public static int blockStatusLength(Extents extents) {
        return CHUNK_HEADER_LENGTH + Integer.BYTES + extents.count() * EXTENT_LENGTH;
    }

    /** Answers with an error and a short message for people. */
    public static void error(ByteBuf out, long cookie, NbdError error, String message) {
        byte[] text = message.getBytes(UTF_8);
        chunk(out, REPLY_TYPE_ERROR, cookie, Integer.BYTES + Short.BYTES + text.length);
        out.writeInt(error.code()).writeShort(text.length).writeBytes(text);
    }

    /** At most so many bytes. */
    public static int errorLength(String message) {
        int textLength = ByteBufUtil.utf8MaxBytes(message);
        return CHUNK_HEADER_LENGTH + Integer.BYTES + Short.BYTES + textLength;
    }

    private static void chunk(ByteBuf out, int type, long cookie, int length) {
        out.writeInt(STRUCTURED_REPLY_MAGIC)
                .writeShort(REPLY_FLAG_DONE)
                .writeShort(type)
                .writeLong(cookie)
                .writeInt(length);
    }
}
