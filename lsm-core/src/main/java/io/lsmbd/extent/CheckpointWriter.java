package io.lsmbd.extent;

import io.lsmbd.error.StorageException;
import io.lsmbd.format.CorruptFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes a checkpoint: changed pages in order, and after each group the node above it, so that one
 * node a level is in memory. What did not change is referred to where it is.
 */
final class CheckpointWriter {
    /** Bytes of one map object: all, and those referred to. */
    private static final class Usage {
        long stored;
        long live;
    }

    private final MapTree base;
    private final @Nullable CheckpointRef baseRef;
    private final MapObjectWriter out;
    private final long segment;
    private final TreeMap<Long, Usage> objects = new TreeMap<>();

    /** The node under change of each level; index 0 is not used. Levels below an absent one are. */
    private final @Nullable MapNode[] path = new MapNode[PageRadix.LEVELS + 1];

    private @Nullable PieceRef root;
    private long pages;
    private long treeBytes;

    private CheckpointWriter(
            MapTree base, @Nullable CheckpointRef baseRef, MapObjectWriter out, long segment) {
        this.base = base;
        this.baseRef = baseRef;
        this.out = out;
        this.segment = segment;
        if (baseRef != null) {
            root = baseRef.root();
            pages = baseRef.pages();
            treeBytes = baseRef.treeBytes();
        }
    }

    static CheckpointWriter begin(
            MapTree.Source source,
            @Nullable CheckpointRef baseRef,
            MapFormat.Header first,
            long objectBytes)
            throws StorageException {
        MapTree base = new MapTree(source, baseRef == null ? null : baseRef.root());
        MapObjectWriter out = MapObjectWriter.begin(source, first, objectBytes);
        CheckpointWriter writer = new CheckpointWriter(base, baseRef, out, first.segment());
        if (baseRef != null) {
            for (MapObjectUsage object : readObjectTable(source, baseRef)) {
                Usage usage = writer.usage(object.object());
                usage.stored = object.storedBytes();
                usage.live = object.liveBytes();
            }
        }
        return writer;
    }

    /** The map objects that a checkpoint refers to, ascending: all others may be collected. */
    static List<MapObjectUsage> readObjectTable(MapTree.Source source, CheckpointRef ref)
            throws StorageException {
        try {
            return MapFormat.decodeObjectTable(MapTree.readPiece(source, ref.objectTable()));
        } catch (CorruptFormatException e) {
            throw MapTree.corrupt(source, ref.objectTable(), e);
        }
    }

    private Usage usage(long object) {
        return objects.computeIfAbsent(object, _ -> new Usage());
    }

    /** Pages must come in ascending order. */
    void put(long page, byte[] encoded) throws StorageException {
        PieceRef old = child(page);
        set(page, append(encoded));
        if (old == null) {
            pages++;
        } else {
            release(old);
        }
    }

    void remove(long page) throws StorageException {
        PieceRef old = child(page);
        if (old != null) {
            set(page, null);
            release(old);
            pages--;
        }
    }

    private @Nullable PieceRef child(long page) throws StorageException {
        return open(page).child((int) page & (MapNode.FAN_OUT - 1));
    }

    private void set(long page, @Nullable PieceRef piece) throws StorageException {
        open(page).children()[(int) page & (MapNode.FAN_OUT - 1)] = piece;
    }

    private PieceRef append(byte[] piece) throws StorageException {
        PieceRef ref = out.append(piece);
        Usage usage = usage(ref.object());
        usage.stored += piece.length;
        usage.live += piece.length;
        treeBytes += piece.length;
        return ref;
    }

    private void release(PieceRef piece) {
        Usage usage = usage(piece.object());
        usage.live -= piece.lengthBytes();
        treeBytes -= piece.lengthBytes();
        if (usage.live < 0 || treeBytes < 0) {
            throw new IllegalStateException(
                    "map object %d: %d live bytes".formatted(piece.object(), usage.live));
        }
    }

    /** Makes the node above {@code page}, and those above it, the ones under change. */
    private MapNode open(long page) throws StorageException {
        for (int level = PageRadix.LEVELS; level >= 1; level--) {
            long index = page >>> (MapNode.SHIFT * level);
            MapNode node = path[level];
            if (node != null && node.index() == index) {
                continue;
            }
            closeUpTo(level);
            PieceRef old =
                    level == PageRadix.LEVELS ? root : parentOf(level, index).child(slot(index));
            @Nullable PieceRef[] children = new PieceRef[MapNode.FAN_OUT];
            if (old != null) {
                MapNode there = base.node(level, index);
                if (there == null) {
                    throw new IllegalStateException("no node %d at %d".formatted(index, level));
                }
                children = there.children().clone();
                release(old);
            }
            path[level] = new MapNode(level, index, children);
        }
        return at(1);
    }

    private static int slot(long index) {
        return (int) index & (MapNode.FAN_OUT - 1);
    }

    private MapNode at(int level) {
        MapNode node = path[level];
        if (node == null) {
            throw new IllegalStateException("no node under change at level " + level);
        }
        return node;
    }

    private MapNode parentOf(int level, long index) {
        MapNode parent = at(level + 1);
        if (parent.index() != index >>> MapNode.SHIFT) {
            throw new IllegalStateException(
                    "node %d of level %d under %d".formatted(index, level, parent.index()));
        }
        return parent;
    }

    /** Writes the nodes under change of this level and below, and tells their parents. */
    private void closeUpTo(int level) throws StorageException {
        for (int at = 1; at <= level; at++) {
            MapNode node = path[at];
            if (node != null) {
                PieceRef ref = MapNode.isEmpty(node.children()) ? null : append(node.encode());
                if (at == PageRadix.LEVELS) {
                    root = ref;
                } else {
                    parentOf(at, node.index()).children()[slot(node.index())] = ref;
                }
                path[at] = null;
            }
        }
    }

    /** Writes what is left, the tables and the footer; the checkpoint is in the bucket then. */
    CheckpointRef finish(SegmentTable table) throws StorageException {
        closeUpTo(PageRadix.LEVELS);
        if (baseRef != null) {
            release(baseRef.segmentTable());
        }
        PieceRef segments = append(SegmentTableFormat.encode(table));
        List<MapObjectUsage> used = new ArrayList<>();
        objects.forEach((object, usage) -> {
            if (usage.live > 0) {
                used.add(new MapObjectUsage(object, usage.stored, usage.live));
            }
        });
        PieceRef objectTable = out.append(MapFormat.encode(used));
        CheckpointRef ref =
                new CheckpointRef(
                        out.number(),
                        segment,
                        PageRadix.LEVELS,
                        root,
                        segments,
                        objectTable,
                        pages,
                        table.mappedSectors(),
                        treeBytes);
        out.finish(MapFormat.encode(ref));
        return ref;
    }
}
