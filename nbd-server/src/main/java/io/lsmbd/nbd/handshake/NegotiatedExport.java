package io.lsmbd.nbd.handshake;

import io.lsmbd.nbd.access.Access;
import io.lsmbd.nbd.wire.BlockSizes;
import io.lsmbd.nbd.wire.HeaderStyle;
import io.lsmbd.nbd.wire.NbdConstants;
import io.lsmbd.volume.BlockVolume;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What client and server agreed on.
 *
 * @param access what this client may do; of a read-only volume nobody may more than read
 * @param contexts what BLOCK_STATUS reports, in the order of its answers; ids differ
 * @param sizes what requests are held to: what is advertised, if the client asked for it with GO,
 *     and else {@link #LENIENT}
 */
public record NegotiatedExport(
        BlockVolume volume,
        Access access,
        ReplyStyle replies,
        List<SelectedContext> contexts,
        BlockSizes sizes) {
    /**
     * Longer WRITE requests than advertised are served up to here; also READ, unless the client
     * knows the maximum, and so may rely on no reply of more.
     */
    public static final int ACCEPTED_PAYLOAD = 64 << 20;

    private static final int ADVERTISED_PAYLOAD = 32 << 20;
    private static final int ADVERTISED_MINIMUM = 512;
    private static final int PREFERRED_BLOCK = 4096;

    /** For clients that were told of no block sizes. */
    public static final BlockSizes LENIENT = new BlockSizes(1, PREFERRED_BLOCK, ACCEPTED_PAYLOAD);

    /** How requests are answered, and what their headers look like. */
    public enum ReplyStyle {
        SIMPLE,
        STRUCTURED,
        /** Also requests are longer. "Extended headers" replace structured replies. */
        EXTENDED;

        /** What clients can get, as far as the transmission phase serves it. */
        static Set<ReplyStyle> offered() {
            return EnumSet.allOf(ReplyStyle.class);
        }

        public HeaderStyle headers() {
            return this == EXTENDED ? HeaderStyle.EXTENDED : HeaderStyle.COMPACT;
        }
    }

    /** A metadata context with the number that stands for it in replies. */
    public record SelectedContext(int id, MetaContext context) {}

    public NegotiatedExport {
        contexts = List.copyOf(contexts);
        if (volume.isReadOnly() && access != Access.READ_ONLY) {
            throw new IllegalArgumentException("a read-only volume can only be read");
        }
        if (contexts.stream().map(SelectedContext::id).distinct().count() < contexts.size()) {
            throw new IllegalArgumentException("contexts share an id: " + contexts);
        }
    }

    static BlockSizes blockSizes(BlockVolume volume) {
        // Every byte of the export must be within reach of aligned requests.
        int minimum = volume.sizeBytes() % ADVERTISED_MINIMUM == 0 ? ADVERTISED_MINIMUM : 1;
        return new BlockSizes(minimum, PREFERRED_BLOCK, ADVERTISED_PAYLOAD);
    }

    /** The flags of INFO_EXPORT: what is agreed on decides which commands and flags are served. */
    int transmissionFlags() {
        int flags =
                NbdConstants.FLAG_HAS_FLAGS
                        | NbdConstants.FLAG_SEND_FLUSH
                        | NbdConstants.FLAG_SEND_FUA
                        | NbdConstants.FLAG_CAN_MULTI_CONN
                        | NbdConstants.FLAG_SEND_CACHE;
        flags |=
                switch (access) {
                    case READ_ONLY -> NbdConstants.FLAG_READ_ONLY;
                    case READ_WRITE ->
                            NbdConstants.FLAG_SEND_TRIM
                                    | NbdConstants.FLAG_SEND_WRITE_ZEROES
                                    | NbdConstants.FLAG_SEND_FAST_ZERO;
                };
        if (replies != ReplyStyle.SIMPLE) {
            flags |= NbdConstants.FLAG_SEND_DF;
        }
        if (replies == ReplyStyle.EXTENDED && !contexts.isEmpty()) {
            flags |= NbdConstants.FLAG_BLOCK_STATUS_PAYLOAD;
        }
        return flags;
    }
}
