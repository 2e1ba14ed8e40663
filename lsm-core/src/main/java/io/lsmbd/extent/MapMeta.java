package io.lsmbd.extent;

import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.FormatReader;
import io.lsmbd.format.FormatWriter;
import java.nio.ByteBuffer;

/**
 * What a volume's pages in the local index reflect: u8 version 1, varint applied segment, varint
 * checkpoint. Written with every batch of pages, so it always fits them.
 *
 * @param appliedSegment every segment up to it is in the pages; some may hold more of the next one
 * @param checkpoint number of the newest checkpoint that pages rely on for what they do not repeat
 */
record MapMeta(long appliedSegment, long checkpoint) {
    private static final int VERSION = 1;

    byte[] encode() {
        return new FormatWriter(16).u8(VERSION).varint(appliedSegment).varint(checkpoint).toBytes();
    }

    static MapMeta decode(byte[] bytes) throws CorruptFormatException {
        FormatReader in = new FormatReader(ByteBuffer.wrap(bytes));
        int version = in.u8();
        if (version != VERSION) {
            throw new CorruptFormatException("volume state of version " + version);
        }
        MapMeta meta = new MapMeta(in.varint(), in.varint());
        in.expectEnd();
        return meta;
    }
}
