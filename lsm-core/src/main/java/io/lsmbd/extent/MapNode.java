package io.lsmbd.extent;

import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.FormatReader;
import io.lsmbd.format.FormatWriter;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An inner node of the tree in the bucket. Node {@code index} of a level covers the pages {@code
 * [index * 256^level, (index + 1) * 256^level)}; the children of level 1 are pages.
 *
 * <pre>
 * type    name         meaning
 * u8      kind         0x4e
 * u8      level        1 to 4
 * varint  index        of the node in its level
 * varint  count        children, 1 to 256
 * count times, slots ascending:
 *   u8      slot       child {@code index * 256 + slot} of the level below
 *   varint  object     number of the map object that the child is in
 *   varint  offset     of the child in it, bytes
 *   varint  length     of the child, bytes
 *   u32     crc        the checksum at the child's end
 * u32     crc          CRC-32C of all bytes before
 * </pre>
 *
 * Valid if and only if: the checksum matches and is the one that the parent names, nothing follows
 * it, level and index are those of the place in the tree, slots ascend, and a child was written
 * before its parent. A child that is not there is a subtree without any mapping.
 */
record MapNode(int level, long index, @Nullable PieceRef[] children) {
    static final int KIND = 0x4e;
    static final int SHIFT = RadixNode.SHIFT;
    static final int FAN_OUT = RadixNode.FAN_OUT;

    private static final int ARRAY_BYTES = 64 + FAN_OUT * 4;
    private static final int CHILD_BYTES = 48;

    @Nullable PieceRef child(int slot) {
        return children[slot];
    }

    static boolean isEmpty(@Nullable PieceRef[] children) {
        for (PieceRef child : children) {
            if (child != null) {
                return false;
            }
        }
        return true;
    }

    int count() {
        int count = 0;
        for (PieceRef child : children) {
            count += child == null ? 0 : 1;
        }
        return count;
    }

    int heapBytes() {
        return ARRAY_BYTES + count() * CHILD_BYTES;
    }

    byte[] encode() {
        FormatWriter out = new FormatWriter(1 << 12);
        out.u8(KIND).u8(level).varint(index).varint(count());
        for (int slot = 0; slot < FAN_OUT; slot++) {
            PieceRef child = children[slot];
            if (child != null) {
                out.u8(slot).varint(child.object()).varint(child.offsetBytes());
                out.varint(child.lengthBytes()).u32((int) child.crc());
            }
        }
        return out.crcSince(0).toBytes();
    }

    static MapNode decode(ByteBuffer bytes, int expectedLevel, long expectedIndex)
            throws CorruptFormatException {
        MapFormat.checkCrc(bytes);
        FormatReader in = new FormatReader(bytes);
        MapFormat.expectKind(in, KIND);
        int level = in.u8();
        long index = in.varint();
        if (level != expectedLevel || index != expectedIndex) {
            throw new CorruptFormatException(
                    "node %d of level %d where node %d of level %d belongs"
                            .formatted(index, level, expectedIndex, expectedLevel));
        }
        int count = in.count(FAN_OUT);
        PieceRef[] children = new PieceRef[FAN_OUT];
        int last = -1;
        for (int i = 0; i < count; i++) {
            int slot = in.u8();
            if (slot <= last) {
                throw new CorruptFormatException("child %d after %d".formatted(slot, last));
            }
            children[slot] = MapFormat.readPiece(in);
            last = slot;
        }
        in.u32();
        in.expectEnd();
        return new MapNode(level, index, children);
    }
}
