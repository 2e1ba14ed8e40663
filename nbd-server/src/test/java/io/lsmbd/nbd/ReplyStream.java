package io.lsmbd.nbd;

import static io.lsmbd.nbd.wire.NbdConstants.CHUNK_HEADER_LENGTH;
import static io.lsmbd.nbd.wire.NbdConstants.EXPORT_NAME_PADDING;
import static io.lsmbd.nbd.wire.NbdConstants.EXTENDED_HEADER_LENGTH;
import static io.lsmbd.nbd.wire.NbdConstants.EXTENDED_REPLY_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.FLAG_HAS_FLAGS;
import static io.lsmbd.nbd.wire.NbdConstants.INIT_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.OPTION_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.OPTION_REPLY_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_EXTENDED_HEADERS;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_GO;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_STARTTLS;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_STRUCTURED_REPLY;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_BLOCK_STATUS;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_BLOCK_STATUS_EXT;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_ERROR;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_ERROR_OFFSET;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_NONE;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_OFFSET_DATA;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_TYPE_OFFSET_HOLE;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ACK;
import static io.lsmbd.nbd.wire.NbdConstants.SIMPLE_REPLY_LENGTH;
import static io.lsmbd.nbd.wire.NbdConstants.SIMPLE_REPLY_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.STRUCTURED_REPLY_MAGIC;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.nbd.wire.NbdError;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Takes apart what a server sent on one connection, whatever its client may have sent, and fails at
 * the first byte that the protocol does not allow there. The last message may be cut off: a server
 * that gives a connection up may drop what has not left.
 */
final class ReplyStream {
    private static final int GREETING_LENGTH = 18;
    private static final int OPTION_REPLY_HEADER_LENGTH = 20;
    private static final int MAX_OPTION_REPLY = 1 << 16;
    private static final int MAX_CHUNK = (64 << 20) + 8;
    private static final Set<Integer> ERRORS =
            Arrays.stream(NbdError.values()).map(NbdError::code).collect(Collectors.toSet());

    private final ByteBuffer in;
    private final long volumeBytes;
    private final Consumer<String> seen;
    private boolean isStructured;
    private boolean isExtended;

    private ReplyStream(byte[] received, long volumeBytes, Consumer<String> seen) {
        this.in = ByteBuffer.wrap(received);
        this.volumeBytes = volumeBytes;
        this.seen = seen;
    }

    /** Checks it all, and tells what kinds of replies there are. */
    static void check(byte[] received, long volumeBytes, Consumer<String> seen) {
        new ReplyStream(received, volumeBytes, seen).check();
    }

    private void check() {
        if (in.remaining() < GREETING_LENGTH) {
            return;
        }
        assertThat(in.getLong()).isEqualTo(INIT_MAGIC);
        assertThat(in.getLong()).isEqualTo(OPTION_MAGIC);
        assertThat(in.getShort()).isEqualTo((short) 3);
        if (handshake()) {
            transmission();
        }
    }

    /** Returns whether an export was chosen. */
    private boolean handshake() {
        while (in.remaining() >= Long.BYTES) {
            if (in.getLong(in.position()) != OPTION_REPLY_MAGIC) {
                return exportName();
            }
            if (in.remaining() < OPTION_REPLY_HEADER_LENGTH) {
                return false;
            }
            in.getLong();
            int option = in.getInt();
            int type = in.getInt();
            int length = in.getInt();
            assertThat(length).isBetween(0, MAX_OPTION_REPLY);
            boolean isError = type < 0;
            assertThat(type & Integer.MAX_VALUE).isBetween(1, isError ? 10 : 4);
            seen.accept("option reply %08x".formatted(type));
            if (in.remaining() < length) {
                return false;
            }
            in.position(in.position() + length);
            if (type == REP_ACK && option == OPT_STARTTLS) {
                return false;
            }
            if (type == REP_ACK && option == OPT_GO) {
                return true;
            }
            isStructured |= type == REP_ACK && option == OPT_STRUCTURED_REPLY;
            isExtended |= type == REP_ACK && option == OPT_EXTENDED_HEADERS;
        }
        return false;
    }

    /** The one answer of this phase that has no magic. */
    private boolean exportName() {
        if (in.remaining() < Long.BYTES + Short.BYTES) {
            return false;
        }
        assertThat(in.getLong()).isEqualTo(volumeBytes);
        assertThat(in.getShort() & FLAG_HAS_FLAGS).isNotZero();
        seen.accept("export name");
        byte[] padding = new byte[EXPORT_NAME_PADDING];
        if (in.remaining() >= padding.length) {
            int start = in.position();
            in.get(padding);
            boolean isPadding = Arrays.equals(padding, new byte[padding.length]);
            in.position(isPadding ? in.position() : start);
        } else if (in.hasRemaining() && in.get(in.position()) == 0) {
            return false;
        }
        return true;
    }

    private void transmission() {
        boolean goesOn = true;
        while (goesOn && in.remaining() >= SIMPLE_REPLY_LENGTH) {
            int magic = in.getInt(in.position());
            if (magic == SIMPLE_REPLY_MAGIC) {
                assertThat(isExtended).as("simple reply after EXTENDED_HEADERS").isFalse();
                goesOn = simpleReply();
            } else {
                assertThat(magic)
                        .isEqualTo(isExtended ? EXTENDED_REPLY_MAGIC : STRUCTURED_REPLY_MAGIC);
                assertThat(isStructured || isExtended).isTrue();
                goesOn = chunk();
            }
        }
    }

    /** Returns whether it is known where the next one begins: not if there may be READ data. */
    private boolean simpleReply() {
        in.getInt();
        int error = error();
        in.getLong();
        return isStructured || error != 0;
    }

    private int error() {
        int error = in.getInt();
        assertThat(ERRORS).contains(error);
        seen.accept("error " + error);
        return error;
    }

    private boolean chunk() {
        int headerLength = isExtended ? EXTENDED_HEADER_LENGTH : CHUNK_HEADER_LENGTH;
        if (in.remaining() < headerLength) {
            return false;
        }
        in.getInt();
        int flags = in.getShort();
        int type = in.getShort() & 0xffff;
        in.position(in.position() + (isExtended ? 2 : 1) * Long.BYTES);
        long length = isExtended ? in.getLong() : in.getInt();
        assertThat(flags).isBetween(0, 1);
        assertThat(length).isBetween(0L, (long) MAX_CHUNK);
        seen.accept("chunk %04x".formatted(type));
        if (in.remaining() < length) {
            return false;
        }
        int end = in.position() + (int) length;
        content(type, (int) length);
        in.position(end);
        return true;
    }

    private void content(int type, int length) {
        switch (type) {
            case REPLY_TYPE_NONE -> assertThat(length).isZero();
            case REPLY_TYPE_OFFSET_DATA -> checkRange(in.getLong(), length - Long.BYTES);
            case REPLY_TYPE_OFFSET_HOLE -> {
                assertThat(length).isEqualTo(12);
                checkRange(in.getLong(), in.getInt());
            }
            case REPLY_TYPE_BLOCK_STATUS -> {
                assertThat(isExtended).isFalse();
                assertThat(length).isGreaterThanOrEqualTo(12);
                assertThat((length - 4) % 8).isZero();
            }
            case REPLY_TYPE_BLOCK_STATUS_EXT -> {
                assertThat(isExtended).isTrue();
                assertThat(length).isGreaterThanOrEqualTo(24);
                assertThat((length - 8) % 16).isZero();
                in.getInt();
                assertThat(in.getInt()).as("descriptors").isEqualTo((length - 8) / 16);
            }
            case REPLY_TYPE_ERROR, REPLY_TYPE_ERROR_OFFSET -> {
                assertThat(error()).isNotZero();
                int offset = type == REPLY_TYPE_ERROR ? 0 : Long.BYTES;
                assertThat(in.getShort()).isEqualTo((short) (length - 6 - offset));
            }
            default -> throw new AssertionError("chunk of unknown type " + type);
        }
    }

    private void checkRange(long offset, int length) {
        assertThat(length).isPositive();
        assertThat(offset).isBetween(0L, volumeBytes - length);
    }
}
