package io.lsmbd.nbd.wire;

import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_PAYLOAD_LEN;

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
 *     24    4  length, unsigned; 8 bytes with extended headers
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

    private final HeaderStyle style;
    private int flags;
    private int type;
    private long cookie;
    private long offset;
    private long length;

    static {
        assert LENGTH + Integer.BYTES == HeaderStyle.COMPACT.requestLength();
        assert LENGTH + Long.BYTES == HeaderStyle.EXTENDED.requestLength();
    }

    public RequestHeader(HeaderStyle style) {
        this.style = style;
    }

    /** Whether the bytes at the reader index begin a request. */
    public static boolean hasMagic(ByteBuf in, HeaderStyle style) {
        return in.getInt(in.readerIndex()) == style.requestMagic();
    }

    /** Takes the fields from the reader index on, which stays. */
    public void readFrom(ByteBuf in) {
        int start = in.readerIndex();
        flags = in.getUnsignedShort(start + FLAGS);
        type = in.getUnsignedShort(start + TYPE);
        cookie = in.getLong(start + COOKIE);
        offset = in.getLong(start + OFFSET);
        length =
                switch (style) {
                    case COMPACT -> in.getUnsignedInt(start + LENGTH);
                    case EXTENDED -> in.getLong(start + LENGTH);
                };
    }

    public HeaderStyle style() {
        return style;
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

    /** Of the payload or of the range. Unsigned 64 bits: negative means beyond any volume. */
    public long length() {
        return length;
    }

    /**
     * How many bytes of payload follow, whether the command is known or not; unsigned 64 bits. With
     * extended headers a WRITE must say so by its flag; QEMU 10.0 sends the payload without it.
     */
    public long payloadLength() {
        boolean isAnnounced = style == HeaderStyle.EXTENDED && hasFlag(CMD_FLAG_PAYLOAD_LEN);
        boolean hasPayload = isAnnounced || NbdCommand.fromWire(type) == NbdCommand.WRITE;
        return hasPayload ? length : 0;
    }
}
