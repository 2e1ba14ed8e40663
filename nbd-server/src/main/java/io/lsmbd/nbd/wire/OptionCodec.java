package io.lsmbd.nbd.wire;

import static io.lsmbd.nbd.wire.NbdConstants.MAX_STRING_LENGTH;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_ABORT;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_EXPORT_NAME;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_EXTENDED_HEADERS;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_GO;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_INFO;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_LIST;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_LIST_META_CONTEXT;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_SET_META_CONTEXT;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_STARTTLS;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_STRUCTURED_REPLY;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_INVALID;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_TOO_BIG;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes an option's data apart. Every length is compared with what is there and with its cap before
 * anything of that length is made; data left over behind the last field is an error.
 */
public final class OptionCodec {
    /** Queries of one option; there are fewer contexts to offer. */
    static final int MAX_QUERIES = 1024;

    private OptionCodec() {}

    /** An option whose data was longer than {@code maxLength} and was skipped unread. */
    public static NbdOption tooLong(int option, int maxLength) {
        return switch (option) {
            case OPT_ABORT -> new NbdOption.Abort();
            case OPT_LIST, OPT_STARTTLS, OPT_STRUCTURED_REPLY, OPT_EXTENDED_HEADERS ->
                    takesNoData();
            case OPT_EXPORT_NAME, OPT_INFO, OPT_GO, OPT_LIST_META_CONTEXT, OPT_SET_META_CONTEXT ->
                    new NbdOption.Malformed(
                            REP_ERR_TOO_BIG, "option data above " + maxLength + " bytes");
            default -> new NbdOption.Unsupported();
        };
    }

    /** Takes apart {@code data}, which is exactly the option's data. */
    public static NbdOption decode(int option, ByteBuf data) {
        try {
            return switch (option) {
                case OPT_EXPORT_NAME ->
                        new NbdOption.ExportName(string(data, data.readableBytes()));
                case OPT_ABORT -> new NbdOption.Abort();
                case OPT_LIST -> withoutData(data, new NbdOption.ListExports());
                case OPT_STARTTLS -> withoutData(data, new NbdOption.StartTls());
                case OPT_STRUCTURED_REPLY -> withoutData(data, new NbdOption.StructuredReply());
                case OPT_EXTENDED_HEADERS -> withoutData(data, new NbdOption.ExtendedHeaders());
                case OPT_INFO -> new NbdOption.Info(sizedString(data), infoTypes(data));
                case OPT_GO -> new NbdOption.Go(sizedString(data), infoTypes(data));
                case OPT_LIST_META_CONTEXT ->
                        new NbdOption.ListMetaContext(sizedString(data), queries(data));
                case OPT_SET_META_CONTEXT ->
                        new NbdOption.SetMetaContext(sizedString(data), queries(data));
                default -> new NbdOption.Unsupported();
            };
        } catch (OptionException e) {
            return new NbdOption.Malformed(e.replyType, e.problem);
        }
    }

    private static NbdOption withoutData(ByteBuf data, NbdOption option) {
        return data.isReadable() ? takesNoData() : option;
    }

    private static NbdOption takesNoData() {
        return new NbdOption.Malformed(REP_ERR_INVALID, "this option takes no data");
    }

    private static List<Integer> infoTypes(ByteBuf data) throws OptionException {
        if (data.readableBytes() < Short.BYTES) {
            throw invalid("the data ends before the number of information requests");
        }
        int count = data.readUnsignedShort();
        if (data.readableBytes() != count * Short.BYTES) {
            throw invalid("the data's length does not fit its number of information requests");
        }
        List<Integer> types = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            types.add(data.readUnsignedShort());
        }
        return types;
    }

    private static List<String> queries(ByteBuf data) throws OptionException {
        if (data.readableBytes() < Integer.BYTES) {
            throw invalid("the data ends before the number of queries");
        }
        long count = data.readUnsignedInt();
        if (count > data.readableBytes() / Integer.BYTES) {
            throw invalid("more queries announced than the data can hold");
        }
        if (count > MAX_QUERIES) {
            throw new OptionException(REP_ERR_TOO_BIG, "more than " + MAX_QUERIES + " queries");
        }
        List<String> queries = new ArrayList<>((int) count);
        for (int i = 0; i < count; i++) {
            queries.add(sizedString(data));
        }
        if (data.isReadable()) {
            throw invalid("data behind the last query");
        }
        return queries;
    }

    private static String sizedString(ByteBuf data) throws OptionException {
        if (data.readableBytes() < Integer.BYTES) {
            throw invalid("the data ends before the length of a string");
        }
        return string(data, data.readUnsignedInt());
    }

    private static String string(ByteBuf data, long length) throws OptionException {
        if (length > data.readableBytes()) {
            throw invalid("a string is longer than the data");
        }
        if (length > MAX_STRING_LENGTH) {
            throw invalid("a string is longer than " + MAX_STRING_LENGTH + " bytes");
        }
        byte[] bytes = new byte[(int) length];
        data.readBytes(bytes);
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            if (text.indexOf('\0') >= 0) {
                throw invalid("a string contains NUL");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new OptionException(REP_ERR_INVALID, "a string is not UTF-8");
        }
    }

    private static OptionException invalid(String problem) {
        return new OptionException(REP_ERR_INVALID, problem);
    }

    private static final class OptionException extends Exception {
        private static final long serialVersionUID = 1L;
        private final int replyType;
        private final String problem;

        OptionException(int replyType, String problem) {
            super(problem, null, false, false);
            this.replyType = replyType;
            this.problem = problem;
        }
    }
}
