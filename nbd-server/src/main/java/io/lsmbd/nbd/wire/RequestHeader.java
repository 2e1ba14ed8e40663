package io.lsmbd.nbd.wire;

import io.netty.buffer.ByteBuf;

/**
 * The fixed part of a request, reused from one request to the next.
 *
 * <pre>
 * offset size
 *      0    4  magic
 *      4    2  command flags
 *      6    2  type
 *      8    8  cookie
 *     16    8  offset, unsigned
 *     24    4  length, unsigned
 * </pre>
 *
 * See "Request message". Flags and type are two fields: taken as one, every FUA request becomes an
 * unknown command.
 */
public final class RequestHeader {
    private static final int FLAGS = Integer.BYTES;
    private static final int TYPE = FLAGS + Short.BYTES;
    private static final int COOKIE = TYPE + Short.BYTES;
    private static final int OFFSET = COOKIE + Long.BYTES;
    private static final int LENGTH = OFFSET + Long.BYTES;

    private int flags;
    private int type;
    private long cookie;
    private long offset;
    private long length;

    static {
        assert LENGTH + Integer.BYTES == NbdConstants.REQUEST_LENGTH;
    }

    /** Whether the bytes at the reader index begin a request. */
    public static boolean hasMagic(ByteBuf in) {
        return in.getInt(in.readerIndex()) == NbdConstants.REQUEST_MAGIC;
    }

    /** Takes the fields from the reader index on, which stays. */
    public void readFrom(ByteBuf in) {
        int start = in.readerIndex();
        flags = in.getUnsignedShort(start + FLAGS);
        type = in.getUnsignedShort(start + TYPE);
        cookie = in.getLong(start + COOKIE);
        offset = in.getLong(start + OFFSET);
        length = in.getUnsignedInt(start + LENGTH);
    }

    public int flags() {
        return flags;
    }

    public boolean hasFlag(int flag) {
        return (flags & flag) != 0;
    }

    public int type() {
        return type;
    }

    public long cookie() {
        return cookie;
    }

    /** Unsigned 64 bits: negative means beyond any volume. */
    public long offset() {
        return offset;
    }

    /** 0 to 2^32-1. */
    public long length() {
        return length;
    }
}
