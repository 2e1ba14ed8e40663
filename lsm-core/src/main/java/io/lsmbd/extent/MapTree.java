package io.lsmbd.extent;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.StorageException;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads one checkpoint's tree of pages. Immutable; any thread; waits for the object store. Every
 * piece is checked against the checksum that its parent names before it is used.
 */
final class MapTree {
    /** Where the pieces of one volume's map come from. */
    record Source(
            VolumeId volume,
            ObjectStore store,
            MapObjects keys,
            MapPieceCache cache,
            int readAheadBytes) {}

    private final Source source;
    private final @Nullable PieceRef root;

    MapTree(Source source, @Nullable PieceRef root) {
        this.source = source;
        this.root = root;
    }

    boolean isEmpty() {
        return root == null;
    }

    /** The page, or null if the tree maps nothing there. */
    @Nullable MapPage page(long number) throws StorageException {
        MapNode parent = node(1, number >>> MapNode.SHIFT);
        if (parent == null) {
            return null;
        }
        int slot = (int) number & (MapNode.FAN_OUT - 1);
        PieceRef piece = parent.child(slot);
        return piece == null ? null : decodePage(piece, pageBytes(parent, slot, piece), number);
    }

    /** The first page in {@code [from, to)} that the tree maps something in, else {@code to}. */
    long nextPage(long from, long to) throws StorageException {
        return root == null || from >= to ? to : next(PageRadix.LEVELS, 0, from, to);
    }

    private long next(int level, long index, long from, long to) throws StorageException {
        MapNode node = node(level, index);
        if (node == null) {
            return to;
        }
        int shift = MapNode.SHIFT * (level - 1);
        for (long child = from >>> shift; child >>> MapNode.SHIFT == index; child++) {
            long first = Math.max(from, child << shift);
            if (first >= to) {
                return to;
            }
            if (node.child((int) child & (MapNode.FAN_OUT - 1)) == null) {
                continue;
            }
            if (level == 1) {
                return first;
            }
            long end = Math.min(to, (child + 1) << shift);
            long found = next(level - 1, child, first, end);
            if (found < end) {
                return found;
            }
        }
        return to;
    }

    /** The node, or null if the tree maps nothing below it. */
    @Nullable MapNode node(int level, long index) throws StorageException {
        if (root == null || index >>> (MapNode.SHIFT * (PageRadix.LEVELS - level)) != 0) {
            return null;
        }
        MapNode node = load(root, PageRadix.LEVELS, 0);
        while (node.level() > level) {
            long next = index >>> (MapNode.SHIFT * (node.level() - 1 - level));
            PieceRef piece = node.child((int) next & (MapNode.FAN_OUT - 1));
            if (piece == null) {
                return null;
            }
            node = load(piece, node.level() - 1, next);
        }
        return node;
    }

    private MapNode load(PieceRef piece, int level, long index) throws StorageException {
        Optional<MapNode> cached = source.cache().node(source.volume(), piece);
        if (cached.isPresent()) {
            return cached.get();
        }
        // A node follows what it refers to, so the bytes before it are likely to be wanted next.
        long from = Math.max(0, piece.endBytes() - source.readAheadBytes());
        from = Math.min(from, piece.offsetBytes());
        ByteBuffer window = read(source, piece.object(), from, piece.endBytes());
        return keepNode(piece, level, index, piece.object(), from, window);
    }

    /** Decodes a node out of a window of its object; keeps what is below it and in there too. */
    private MapNode keepNode(
            PieceRef piece, int level, long index, long object, long from, ByteBuffer window)
            throws StorageException {
        ByteBuffer bytes = cut(window, from, piece);
        MapNode node;
        try {
            expectCrc(bytes, piece);
            node = MapNode.decode(bytes, level, index);
        } catch (CorruptFormatException e) {
            throw corrupt(source, piece, e);
        }
        source.cache().putNode(source.volume(), piece, node);
        for (int slot = 0; slot < MapNode.FAN_OUT; slot++) {
            PieceRef child = node.child(slot);
            if (child == null || child.object() != object) {
                continue;
            }
            if (child.endBytes() > piece.offsetBytes()) {
                throw corrupt(
                        source, piece, new CorruptFormatException("a child after its parent"));
            }
            if (child.offsetBytes() < from) {
                continue;
            }
            if (level > 1) {
                long childIndex = (index << MapNode.SHIFT) + slot;
                keepNode(child, level - 1, childIndex, object, from, window);
            } else {
                keepPage(child, from, window);
            }
        }
        return node;
    }

    private void keepPage(PieceRef piece, long from, ByteBuffer window) {
        byte[] bytes = new byte[piece.lengthBytes()];
        cut(window, from, piece).get(bytes);
        source.cache().putPage(source.volume(), piece, bytes);
    }

    /** A page's bytes, and in the cache those of the pages that follow it in the same object. */
    private ByteBuffer pageBytes(MapNode parent, int slot, PieceRef piece) throws StorageException {
        Optional<byte[]> cached = source.cache().takePage(source.volume(), piece);
        if (cached.isPresent()) {
            return ByteBuffer.wrap(cached.get());
        }
        long limit = piece.offsetBytes() + source.readAheadBytes();
        long end = piece.endBytes();
        int lastSlot = slot;
        for (int next = slot + 1; next < MapNode.FAN_OUT; next++) {
            PieceRef sibling = parent.child(next);
            if (sibling == null) {
                continue;
            }
            if (sibling.object() != piece.object()
                    || sibling.offsetBytes() < end
                    || sibling.endBytes() > limit) {
                break;
            }
            end = sibling.endBytes();
            lastSlot = next;
        }
        ByteBuffer window = read(source, piece.object(), piece.offsetBytes(), end);
        for (int next = slot + 1; next <= lastSlot; next++) {
            PieceRef sibling = parent.child(next);
            if (sibling != null) {
                keepPage(sibling, piece.offsetBytes(), window);
            }
        }
        return cut(window, piece.offsetBytes(), piece);
    }

    private MapPage decodePage(PieceRef piece, ByteBuffer bytes, long number)
            throws StorageException {
        try {
            expectCrc(bytes, piece);
            MapPage page = PageFormat.decode(bytes, number);
            if (page.isEmpty()) {
                throw new CorruptFormatException("a page without extents in the tree");
            }
            return page;
        } catch (CorruptFormatException e) {
            throw corrupt(source, piece, e);
        }
    }

    private static ByteBuffer cut(ByteBuffer window, long from, PieceRef piece) {
        return window.slice(Math.toIntExact(piece.offsetBytes() - from), piece.lengthBytes());
    }

    /** The checked bytes of a piece that stands alone: a table. */
    static ByteBuffer readPiece(Source source, PieceRef piece) throws StorageException {
        ByteBuffer bytes = read(source, piece.object(), piece.offsetBytes(), piece.endBytes());
        try {
            expectCrc(bytes, piece);
            MapFormat.checkCrc(bytes);
        } catch (CorruptFormatException e) {
            throw corrupt(source, piece, e);
        }
        return bytes;
    }

    private static void expectCrc(ByteBuffer bytes, PieceRef piece) throws CorruptFormatException {
        int stored = bytes.remaining() < Integer.BYTES ? 0 : MapFormat.storedCrc(bytes);
        if (Integer.toUnsignedLong(stored) != piece.crc()) {
            throw new CorruptFormatException(
                    "not the piece that was referred to: checksum %08x, expected %08x"
                            .formatted(stored, piece.crc()));
        }
    }

    static CorruptDataException corrupt(
            Source source, PieceRef piece, CorruptFormatException cause) {
        ObjectKey key = source.keys().key(piece.object());
        return new CorruptDataException(key.value(), piece.offsetBytes(), cause);
    }

    private static ByteBuffer read(Source source, long object, long from, long end)
            throws StorageException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(end - from));
        source.store().read(source.keys().key(object), from, bytes);
        return bytes.rewind();
    }
}
