package io.lsmbd.nbd.handshake;

import static io.lsmbd.nbd.wire.NbdConstants.BASE_ALLOCATION;
import static io.lsmbd.nbd.wire.NbdConstants.BASE_NAMESPACE;
import static io.lsmbd.nbd.wire.NbdConstants.INFO_BLOCK_SIZE;
import static io.lsmbd.nbd.wire.NbdConstants.INFO_DESCRIPTION;
import static io.lsmbd.nbd.wire.NbdConstants.INFO_NAME;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_INVALID;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_UNKNOWN;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_UNSUP;

import io.lsmbd.nbd.handshake.NegotiatedExport.Access;
import io.lsmbd.nbd.handshake.NegotiatedExport.ReplyStyle;
import io.lsmbd.nbd.handshake.NegotiatedExport.SelectedContext;
import io.lsmbd.nbd.wire.BlockSizes;
import io.lsmbd.nbd.wire.NbdConstants;
import io.lsmbd.nbd.wire.NbdOption;
import io.lsmbd.nbd.wire.OptionReplyEncoder;
import io.lsmbd.volume.BlockVolume;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Obeys the options of one connection and remembers what they agreed on. An option that fails
 * leaves the handshake going on, except where the protocol has no way to say so.
 */
final class OptionExecutor {
    /** What comes after an option. */
    sealed interface Outcome {
        record NextOption() implements Outcome {}

        record Transmission(NegotiatedExport export) implements Outcome {}

        /** The client said goodbye. */
        record Close() implements Outcome {}

        /** An EXPORT_NAME that cannot be answered in any other way. */
        record Drop(String problem) implements Outcome {}
    }

    /** SET_META_CONTEXT binds its choice to the export name it gave. */
    private record Selection(String exportName) {}

    private static final int BASE_ALLOCATION_ID = 1;
    private static final Outcome NEXT_OPTION = new Outcome.NextOption();

    private final ExportCatalog exports;
    private boolean omitsPadding;
    private ReplyStyle replies = ReplyStyle.SIMPLE;
    private @Nullable Selection baseAllocation;

    OptionExecutor(ExportCatalog exports) {
        this.exports = exports;
    }

    /** The client agreed to NO_ZEROES. */
    void omitPadding() {
        omitsPadding = true;
    }

    /** Obeys and appends the replies to {@code out}. */
    Outcome execute(int code, NbdOption option, ByteBuf out) {
        return switch (option) {
            case NbdOption.ExportName(String name) -> exportName(name, out);
            case NbdOption.Abort() -> {
                OptionReplyEncoder.ack(out, code);
                yield new Outcome.Close();
            }
            case NbdOption.ListExports() -> list(code, out);
            case NbdOption.Info(String name, List<Integer> wanted) -> {
                answerInfo(code, name, wanted, out);
                yield NEXT_OPTION;
            }
            case NbdOption.Go(String name, List<Integer> wanted) -> go(code, name, wanted, out);
            case NbdOption.StructuredReply() -> {
                replies = ReplyStyle.STRUCTURED;
                OptionReplyEncoder.ack(out, code);
                yield NEXT_OPTION;
            }
            case NbdOption.ListMetaContext(String name, List<String> queries) ->
                    listMetaContext(code, name, queries, out);
            case NbdOption.SetMetaContext(String name, List<String> queries) ->
                    setMetaContext(code, name, queries, out);
            case NbdOption.Unsupported() -> {
                OptionReplyEncoder.error(out, code, REP_ERR_UNSUP, "");
                yield NEXT_OPTION;
            }
            case NbdOption.Malformed(int replyType, String problem) ->
                    malformed(code, replyType, problem, out);
        };
    }

    private Outcome exportName(String name, ByteBuf out) {
        Optional<BlockVolume> found = exports.find(name);
        if (found.isEmpty()) {
            return new Outcome.Drop(exports.explainUnknown(name));
        }
        BlockVolume volume = found.get();
        NegotiatedExport export = negotiated(name, volume, 1);
        OptionReplyEncoder.exportNameAnswer(out, volume.sizeBytes(), export.transmissionFlags());
        if (!omitsPadding) {
            out.writeZero(NbdConstants.EXPORT_NAME_PADDING);
        }
        return new Outcome.Transmission(export);
    }

    private Outcome list(int code, ByteBuf out) {
        for (BlockVolume volume : exports.list()) {
            String description = ExportCatalog.describe(volume);
            OptionReplyEncoder.server(out, code, volume.name(), description);
        }
        OptionReplyEncoder.ack(out, code);
        return NEXT_OPTION;
    }

    private Outcome go(int code, String name, List<Integer> wanted, ByteBuf out) {
        return answerInfo(code, name, wanted, out)
                .<Outcome>map(Outcome.Transmission::new)
                .orElse(NEXT_OPTION);
    }

    private NegotiatedExport negotiated(String name, BlockVolume volume, int minimumBlock) {
        boolean isSelected = baseAllocation != null && baseAllocation.exportName().equals(name);
        List<SelectedContext> contexts =
                isSelected
                        ? List.of(
                                new SelectedContext(
                                        BASE_ALLOCATION_ID, new MetaContext.Allocation()))
                        : List.of();
        return new NegotiatedExport(volume, Access.of(volume), replies, contexts, minimumBlock);
    }

    /** INFO and the part of GO that is the same, so that both always give the same answers. */
    private Optional<NegotiatedExport> answerInfo(
            int code, String name, List<Integer> wanted, ByteBuf out) {
        Optional<BlockVolume> found = exports.find(name);
        if (found.isEmpty()) {
            OptionReplyEncoder.error(out, code, REP_ERR_UNKNOWN, exports.explainUnknown(name));
            return Optional.empty();
        }
        BlockVolume volume = found.get();
        BlockSizes sizes = NegotiatedExport.blockSizes(volume);
        boolean wantsSizes = wanted.contains(INFO_BLOCK_SIZE);
        NegotiatedExport export = negotiated(name, volume, wantsSizes ? sizes.minimum() : 1);
        OptionReplyEncoder.infoExport(out, code, volume.sizeBytes(), export.transmissionFlags());
        if (wanted.contains(INFO_NAME)) {
            OptionReplyEncoder.infoText(out, code, INFO_NAME, volume.name());
        }
        if (wanted.contains(INFO_DESCRIPTION)) {
            String description = ExportCatalog.describe(volume);
            OptionReplyEncoder.infoText(out, code, INFO_DESCRIPTION, description);
        }
        if (wantsSizes) {
            OptionReplyEncoder.infoBlockSize(out, code, sizes);
        }
        OptionReplyEncoder.ack(out, code);
        return Optional.of(export);
    }

    private Outcome listMetaContext(int code, String name, List<String> queries, ByteBuf out) {
        if (replies == ReplyStyle.SIMPLE) {
            return needsStructuredReplies(code, out);
        }
        if (exports.find(name).isEmpty()) {
            OptionReplyEncoder.error(out, code, REP_ERR_UNKNOWN, exports.explainUnknown(name));
            return NEXT_OPTION;
        }
        if (queries.isEmpty()
                || queries.contains(BASE_NAMESPACE)
                || queries.contains(BASE_ALLOCATION)) {
            OptionReplyEncoder.metaContext(out, code, 0, BASE_ALLOCATION);
        }
        OptionReplyEncoder.ack(out, code);
        return NEXT_OPTION;
    }

    private Outcome setMetaContext(int code, String name, List<String> queries, ByteBuf out) {
        // Also a call that fails replaces what was selected before.
        baseAllocation = null;
        if (replies == ReplyStyle.SIMPLE) {
            return needsStructuredReplies(code, out);
        }
        if (exports.find(name).isEmpty()) {
            OptionReplyEncoder.error(out, code, REP_ERR_UNKNOWN, exports.explainUnknown(name));
            return NEXT_OPTION;
        }
        if (queries.contains(BASE_ALLOCATION)) {
            baseAllocation = new Selection(name);
            OptionReplyEncoder.metaContext(out, code, BASE_ALLOCATION_ID, BASE_ALLOCATION);
        }
        OptionReplyEncoder.ack(out, code);
        return NEXT_OPTION;
    }

    private static Outcome needsStructuredReplies(int code, ByteBuf out) {
        OptionReplyEncoder.error(
                out, code, REP_ERR_INVALID, "metadata contexts need STRUCTURED_REPLY first");
        return NEXT_OPTION;
    }

    private Outcome malformed(int code, int replyType, String problem, ByteBuf out) {
        if (code == NbdConstants.OPT_EXPORT_NAME) {
            return new Outcome.Drop(problem);
        }
        if (code == NbdConstants.OPT_SET_META_CONTEXT) {
            baseAllocation = null;
        }
        OptionReplyEncoder.error(out, code, replyType, problem);
        return NEXT_OPTION;
    }
}
