package io.lsmbd.nbd.handshake;

import static io.lsmbd.nbd.wire.NbdConstants.INFO_BLOCK_SIZE;
import static io.lsmbd.nbd.wire.NbdConstants.INFO_DESCRIPTION;
import static io.lsmbd.nbd.wire.NbdConstants.INFO_NAME;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_EXPORT_NAME;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_GO;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_INFO;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_EXT_HEADER_REQD;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_INVALID;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_POLICY;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_SHUTDOWN;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_TLS_REQD;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_UNKNOWN;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_UNSUP;

import io.lsmbd.nbd.handshake.ExportCatalog.Export;
import io.lsmbd.nbd.handshake.NegotiatedExport.ReplyStyle;
import io.lsmbd.nbd.metrics.ConnectionMetrics.ExportRefusal;
import io.lsmbd.nbd.wire.BlockSizes;
import io.lsmbd.nbd.wire.NbdConstants;
import io.lsmbd.nbd.wire.NbdOption;
import io.lsmbd.nbd.wire.OptionReplyEncoder;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;

/**
 * Obeys the options of one connection and remembers what they agreed on. An option that fails
 * leaves the handshake going on, except where the protocol has no way to say so.
 */
final class OptionExecutor {
    /** What comes after an option. */
    sealed interface Outcome {
        record NextOption() implements Outcome {}

        record Transmission(NegotiatedExport export) implements Outcome {}

        /** Everything from now on comes over TLS, to an executor that knows nothing of before. */
        record StartTls() implements Outcome {}

        /** The client said goodbye. */
        record Close() implements Outcome {}

        /** An EXPORT_NAME that cannot be answered in any other way. */
        record Drop(String problem) implements Outcome {}
    }

    /** Learns of each export that a client asked for in vain. */
    @FunctionalInterface
    interface Doorkeeper {
        void turnedAway(String exportName, ExportRefusal reason);
    }

    private static final Outcome NEXT_OPTION = new Outcome.NextOption();

    private final ExportCatalog exports;
    private final Encryption encryption;
    private final Doorkeeper doorkeeper;
    private final MetaContextSelection contexts = new MetaContextSelection();
    private boolean omitsPadding;
    private boolean isShuttingDown;
    private ReplyStyle replies = ReplyStyle.SIMPLE;

    OptionExecutor(ExportCatalog exports, Encryption encryption, Doorkeeper doorkeeper) {
        this.exports = exports;
        this.encryption = encryption;
        this.doorkeeper = doorkeeper;
    }

    /** The client agreed to NO_ZEROES. */
    void omitPadding() {
        omitsPadding = true;
    }

    /** From now on the server is unwilling to negotiate. */
    void shutDown() {
        isShuttingDown = true;
    }

    /** Obeys and appends the replies to {@code out}. */
    Outcome execute(int code, NbdOption option, ByteBuf out) {
        if (option instanceof NbdOption.Abort) {
            OptionReplyEncoder.ack(out, code);
            return new Outcome.Close();
        }
        if (isShuttingDown) {
            return refuse(code, REP_ERR_SHUTDOWN, "the server is shutting down", out);
        }
        if (code == NbdConstants.OPT_STARTTLS) {
            return startTls(option, out);
        }
        return switch (encryption) {
            case NOT_OFFERED, OFFERED, OFFERED_FOR_MORE, IN_USE -> obey(code, option, out);
            case REQUIRED ->
                    refuse(code, REP_ERR_TLS_REQD, "this server is served over TLS only", out);
            case OUT_OF_REACH ->
                    refuse(code, REP_ERR_POLICY, "TLS is required; it needs fixed newstyle", out);
        };
    }

    private Outcome startTls(NbdOption option, ByteBuf out) {
        int code = NbdConstants.OPT_STARTTLS;
        return switch (encryption) {
            case NOT_OFFERED -> refuse(code, REP_ERR_UNSUP, "", out);
            case OUT_OF_REACH -> refuse(code, REP_ERR_POLICY, "TLS needs fixed newstyle", out);
            case IN_USE -> refuse(code, REP_ERR_INVALID, "TLS is already in use", out);
            case OFFERED, OFFERED_FOR_MORE, REQUIRED -> {
                if (option instanceof NbdOption.Malformed(int replyType, String problem)) {
                    yield refuse(code, replyType, problem, out);
                }
                OptionReplyEncoder.ack(out, code);
                yield new Outcome.StartTls();
            }
        };
    }

    private Outcome obey(int code, NbdOption option, ByteBuf out) {
        return switch (option) {
            case NbdOption.ExportName(String name) -> exportName(name, out);
            case NbdOption.ListExports() -> list(code, out);
            case NbdOption.Info(String name, List<Integer> wanted) -> {
                answerInfo(code, name, wanted, out);
                yield NEXT_OPTION;
            }
            case NbdOption.Go(String name, List<Integer> wanted) -> go(code, name, wanted, out);
            case NbdOption.StructuredReply() -> structuredReply(code, out);
            case NbdOption.ListMetaContext(String name, List<String> queries) ->
                    listMetaContext(code, name, queries, out);
            case NbdOption.SetMetaContext(String name, List<String> queries) ->
                    setMetaContext(code, name, queries, out);
            case NbdOption.ExtendedHeaders() -> extendedHeaders(code, out);
            case NbdOption.Abort(), NbdOption.StartTls() ->
                    throw new IllegalStateException("obeyed before: " + option);
            case NbdOption.Unsupported() -> refuse(code, REP_ERR_UNSUP, "", out);
            case NbdOption.Malformed(int replyType, String problem) ->
                    malformed(code, replyType, problem, out);
        };
    }

    /** With an error reply, or, for EXPORT_NAME, which has none, by ending the session. */
    private static Outcome refuse(int code, int replyType, String problem, ByteBuf out) {
        if (code == OPT_EXPORT_NAME) {
            return new Outcome.Drop(problem);
        }
        OptionReplyEncoder.error(out, code, replyType, problem);
        return NEXT_OPTION;
    }

    /** TLS_REQD is only for options that choose an export, or ask about what one would choose. */
    private Outcome refuseUnknown(int code, String exportName, ByteBuf out) {
        doorkeeper.turnedAway(ExportCatalog.shown(exportName), exports.reasonAgainst(exportName));
        boolean isChoice = code == OPT_EXPORT_NAME || code == OPT_INFO || code == OPT_GO;
        return isChoice && encryption == Encryption.OFFERED_FOR_MORE
                ? refuse(code, REP_ERR_TLS_REQD, exports.explainUnknown(exportName), out)
                : refuse(code, REP_ERR_UNKNOWN, exports.explainUnknown(exportName), out);
    }

    private Outcome exportName(String name, ByteBuf out) {
        if (replies == ReplyStyle.EXTENDED) {
            return new Outcome.Drop("EXPORT_NAME after EXTENDED_HEADERS");
        }
        Optional<Export> found = exports.find(name);
        if (found.isEmpty()) {
            return refuseUnknown(OPT_EXPORT_NAME, name, out);
        }
        NegotiatedExport export = negotiated(name, found.get(), NegotiatedExport.LENIENT);
        OptionReplyEncoder.exportNameAnswer(
                out, export.volume().sizeBytes(), export.transmissionFlags());
        if (!omitsPadding) {
            out.writeZero(NbdConstants.EXPORT_NAME_PADDING);
        }
        return new Outcome.Transmission(export);
    }

    private Outcome list(int code, ByteBuf out) {
        for (Export export : exports.list()) {
            OptionReplyEncoder.server(out, code, export.name(), export.description());
        }
        OptionReplyEncoder.ack(out, code);
        return NEXT_OPTION;
    }

    private Outcome go(int code, String name, List<Integer> wanted, ByteBuf out) {
        return answerInfo(code, name, wanted, out)
                .<Outcome>map(Outcome.Transmission::new)
                .orElse(NEXT_OPTION);
    }

    private NegotiatedExport negotiated(String name, Export export, BlockSizes sizes) {
        return new NegotiatedExport(
                export.volume(), export.access(), replies, contexts.forExport(name), sizes);
    }

    /** INFO and the part of GO that is the same, so that both always give the same answers. */
    private Optional<NegotiatedExport> answerInfo(
            int code, String name, List<Integer> wanted, ByteBuf out) {
        Optional<Export> found = exports.find(name);
        if (found.isEmpty()) {
            var _ = refuseUnknown(code, name, out);
            return Optional.empty();
        }
        Export export = found.get();
        BlockSizes sizes = NegotiatedExport.blockSizes(export.volume());
        boolean wantsSizes = wanted.contains(INFO_BLOCK_SIZE);
        NegotiatedExport agreed =
                negotiated(name, export, wantsSizes ? sizes : NegotiatedExport.LENIENT);
        OptionReplyEncoder.infoExport(
                out, code, export.volume().sizeBytes(), agreed.transmissionFlags());
        if (wanted.contains(INFO_NAME)) {
            OptionReplyEncoder.infoText(out, code, INFO_NAME, export.name());
        }
        if (wanted.contains(INFO_DESCRIPTION)) {
            OptionReplyEncoder.infoText(out, code, INFO_DESCRIPTION, export.description());
        }
        if (wantsSizes) {
            OptionReplyEncoder.infoBlockSize(out, code, sizes);
        }
        OptionReplyEncoder.ack(out, code);
        return Optional.of(agreed);
    }

    private Outcome structuredReply(int code, ByteBuf out) {
        if (replies == ReplyStyle.EXTENDED) {
            return refuse(code, REP_ERR_EXT_HEADER_REQD, "extended headers replace these", out);
        }
        replies = ReplyStyle.STRUCTURED;
        OptionReplyEncoder.ack(out, code);
        return NEXT_OPTION;
    }

    private Outcome extendedHeaders(int code, ByteBuf out) {
        if (!ReplyStyle.offered().contains(ReplyStyle.EXTENDED)) {
            return refuse(code, REP_ERR_UNSUP, "", out);
        }
        replies = ReplyStyle.EXTENDED;
        OptionReplyEncoder.ack(out, code);
        return NEXT_OPTION;
    }

    private Outcome listMetaContext(int code, String name, List<String> queries, ByteBuf out) {
        if (replies == ReplyStyle.SIMPLE) {
            return needsStructuredReplies(code, out);
        }
        if (exports.find(name).isEmpty()) {
            return refuseUnknown(code, name, out);
        }
        for (MetaContext context : MetaContextSelection.list(MetaContext.offered(), queries)) {
            OptionReplyEncoder.metaContext(out, code, 0, context.name());
        }
        OptionReplyEncoder.ack(out, code);
        return NEXT_OPTION;
    }

    private Outcome setMetaContext(int code, String name, List<String> queries, ByteBuf out) {
        contexts.clear();
        if (replies == ReplyStyle.SIMPLE) {
            return needsStructuredReplies(code, out);
        }
        if (exports.find(name).isEmpty()) {
            return refuseUnknown(code, name, out);
        }
        for (var selected : contexts.select(name, MetaContext.offered(), queries)) {
            OptionReplyEncoder.metaContext(out, code, selected.id(), selected.context().name());
        }
        OptionReplyEncoder.ack(out, code);
        return NEXT_OPTION;
    }

    private static Outcome needsStructuredReplies(int code, ByteBuf out) {
        return refuse(code, REP_ERR_INVALID, "metadata contexts need STRUCTURED_REPLY first", out);
    }

    private Outcome malformed(int code, int replyType, String problem, ByteBuf out) {
        if (code == NbdConstants.OPT_SET_META_CONTEXT) {
            contexts.clear();
        }
        return refuse(code, replyType, problem, out);
    }
}
