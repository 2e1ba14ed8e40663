package io.lsmbd.nbd.wire;

import static io.lsmbd.nbd.wire.NbdConstants.MAX_STRING_LENGTH;
import static io.lsmbd.nbd.wire.NbdConstants.OPTION_REPLY_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ACK;
import static io.lsmbd.nbd.wire.NbdConstants.REP_INFO;
import static io.lsmbd.nbd.wire.NbdConstants.REP_META_CONTEXT;
import static io.lsmbd.nbd.wire.NbdConstants.REP_SERVER;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;

/**
 * What the server says during the handshake: the greeting, the bare answer to EXPORT_NAME, and
 * option replies (magic, the option echoed, reply type, length, data).
 */
public final class OptionReplyEncoder {
    private static final int INFO_EXPORT_LENGTH = Short.BYTES + Long.BYTES + Short.BYTES;
    private static final int INFO_BLOCK_SIZE_LENGTH = Short.BYTES + 3 * Integer.BYTES;

    static {
        assert INFO_EXPORT_LENGTH == 12;
        assert INFO_BLOCK_SIZE_LENGTH == 14;
    }

    private OptionReplyEncoder() {}

    public static void greeting(ByteBuf out, int handshakeFlags) {
        out.writeLong(NbdConstants.INIT_MAGIC)
                .writeLong(NbdConstants.OPTION_MAGIC)
                .writeShort(handshakeFlags);
    }

    /** What EXPORT_NAME gets; not an option reply. The padding, if due, is the caller's. */
    public static void exportNameAnswer(ByteBuf out, long size, int transmissionFlags) {
        out.writeLong(size).writeShort(transmissionFlags);
    }

    public static void ack(ByteBuf out, int option) {
        header(out, option, REP_ACK, 0);
    }

    public static void error(ByteBuf out, int option, int replyType, String message) {
        byte[] text = message.getBytes(UTF_8);
        assert text.length <= MAX_STRING_LENGTH;
        header(out, option, replyType, text.length);
        out.writeBytes(text);
    }

    /** One export of LIST. */
    public static void server(ByteBuf out, int option, String name, String description) {
        byte[] nameBytes = name.getBytes(UTF_8);
        byte[] descriptionBytes = description.getBytes(UTF_8);
        int length = Integer.BYTES + nameBytes.length + descriptionBytes.length;
        header(out, option, REP_SERVER, length);
        out.writeInt(nameBytes.length).writeBytes(nameBytes).writeBytes(descriptionBytes);
    }

    public static void infoExport(ByteBuf out, int option, long size, int transmissionFlags) {
        header(out, option, REP_INFO, INFO_EXPORT_LENGTH);
        out.writeShort(NbdConstants.INFO_EXPORT).writeLong(size).writeShort(transmissionFlags);
    }

    /** Gives INFO_NAME or INFO_DESCRIPTION. */
    public static void infoText(ByteBuf out, int option, int infoType, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        header(out, option, REP_INFO, Short.BYTES + bytes.length);
        out.writeShort(infoType).writeBytes(bytes);
    }

    public static void infoBlockSize(ByteBuf out, int option, BlockSizes sizes) {
        header(out, option, REP_INFO, INFO_BLOCK_SIZE_LENGTH);
        out.writeShort(NbdConstants.INFO_BLOCK_SIZE)
                .writeInt(sizes.minimum())
                .writeInt(sizes.preferred())
                .writeInt(sizes.maximumPayload());
    }

    public static void metaContext(ByteBuf out, int option, int contextId, String name) {
        byte[] bytes = name.getBytes(UTF_8);
        header(out, option, REP_META_CONTEXT, Integer.BYTES + bytes.length);
        out.writeInt(contextId).writeBytes(bytes);
    }

    private static void header(ByteBuf out, int option, int replyType, int length) {
        out.writeLong(OPTION_REPLY_MAGIC).writeInt(option).writeInt(replyType).writeInt(length);
    }
}
