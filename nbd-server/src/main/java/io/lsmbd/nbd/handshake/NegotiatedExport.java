package io.lsmbd.nbd.handshake;

import io.lsmbd.nbd.wire.BlockSizes;
import io.lsmbd.nbd.wire.NbdConstants;
import io.lsmbd.volume.BlockVolume;

/**
 * What client and server agreed on.
 *
 * @param minimumBlock what offsets and lengths must be multiples of: 1 unless the client asked for
 *     block sizes and so knows
 */
public record NegotiatedExport(
        BlockVolume volume, ReplyStyle replies, MetaContexts contexts, int minimumBlock) {
    /** Larger READ and WRITE requests than advertised are served up to here. */
    public static final int ACCEPTED_PAYLOAD = 64 << 20;

    private static final int ADVERTISED_PAYLOAD = 32 << 20;
    private static final int ADVERTISED_MINIMUM = 512;
    private static final int PREFERRED_BLOCK = 4096;

    /** The metadata contexts that BLOCK_STATUS reports. */
    public enum MetaContexts {
        NONE,
        BASE_ALLOCATION;

        /** The id of base:allocation; ids need only differ within a connection. */
        public static final int BASE_ALLOCATION_ID = 1;
    }

    /** How requests are answered. */
    public enum ReplyStyle {
        SIMPLE,
        STRUCTURED
    }

    static BlockSizes blockSizes(BlockVolume volume) {
        // Every byte of the export must be within reach of aligned requests.
        int minimum = volume.sizeBytes() % ADVERTISED_MINIMUM == 0 ? ADVERTISED_MINIMUM : 1;
        return new BlockSizes(minimum, PREFERRED_BLOCK, ADVERTISED_PAYLOAD);
    }

    static int transmissionFlags(BlockVolume volume, ReplyStyle replies) {
        int flags =
                NbdConstants.FLAG_HAS_FLAGS
                        | NbdConstants.FLAG_SEND_FLUSH
                        | NbdConstants.FLAG_SEND_FUA
                        | NbdConstants.FLAG_CAN_MULTI_CONN
                        | NbdConstants.FLAG_SEND_CACHE;
        if (volume.isReadOnly()) {
            flags |= NbdConstants.FLAG_READ_ONLY;
        } else {
            flags |=
                    NbdConstants.FLAG_SEND_TRIM
                            | NbdConstants.FLAG_SEND_WRITE_ZEROES
                            | NbdConstants.FLAG_SEND_FAST_ZERO;
        }
        return replies == ReplyStyle.STRUCTURED ? flags | NbdConstants.FLAG_SEND_DF : flags;
    }
}
