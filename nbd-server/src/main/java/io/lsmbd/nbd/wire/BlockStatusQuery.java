package io.lsmbd.nbd.wire;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * The payload that a BLOCK_STATUS may have with extended headers: which of the selected contexts it
 * is about.
 *
 * <pre>
 * offset size
 *      0    8  effect length, unsigned
 *      8  4*n  ids of contexts
 * </pre>
 *
 * @param effectLength how many bytes of the export; unsigned 64 bits
 */
public record BlockStatusQuery(long effectLength, List<Integer> contextIds) {
    public BlockStatusQuery {
        contextIds = List.copyOf(contextIds);
    }

    /** Whether a payload of that length can be one that names some of so many contexts. */
    public static boolean isLength(long payloadLength, int contexts) {
        long idBytes = payloadLength - Long.BYTES;
        return idBytes > 0 && idBytes % Integer.BYTES == 0 && idBytes / Integer.BYTES <= contexts;
    }

    /** From the {@code length} readable bytes at the reader index, which stays. */
    public static BlockStatusQuery from(ByteBuf in, int length) {
        int at = in.readerIndex();
        int end = at + length;
        long effectLength = in.getLong(at);
        List<Integer> ids = new ArrayList<>();
        for (at += Long.BYTES; at < end; at += Integer.BYTES) {
            ids.add(in.getInt(at));
        }
        return new BlockStatusQuery(effectLength, ids);
    }
}
