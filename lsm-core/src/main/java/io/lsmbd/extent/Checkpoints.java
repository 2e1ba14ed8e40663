package io.lsmbd.extent;

import io.lsmbd.env.WallClock;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.StorageException;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.localindex.LocalIndex;
import org.jspecify.annotations.Nullable;

/**
 * Takes checkpoints, on the applier's thread. A checkpoint counts from the moment that the manifest
 * names it: until then the one before remains the base, and what changed since that is kept.
 */
final class Checkpoints {
    private final MapTree.Source source;
    private final LocalIndex index;
    private final StoredPages stored;
    private final SegmentTable table;
    private final MapApplier applier;
    private final long objectBytes;

    /** The one that the manifest names. */
    private @Nullable CheckpointRef base;

    /** Up to here all segments after the base are accounted for among the changed pages. */
    private long markedSegment;

    /** Written, but not known to be in the manifest. */
    private @Nullable CheckpointRef pending;

    private final PageSet pendingChanged = new PageSet();
    private final PageSet pendingEmptied = new PageSet();

    Checkpoints(
            MapTree.Source source,
            LocalIndex index,
            ExtentMapParts parts,
            MapApplier applier,
            long objectBytes) {
        this.source = source;
        this.index = index;
        this.stored = parts.stored();
        this.table = parts.table();
        this.applier = applier;
        this.objectBytes = objectBytes;
    }

    void startFrom(@Nullable CheckpointRef newBase) {
        base = newBase;
        markedSegment = newBase == null ? 0 : newBase.segment();
    }

    /** Notes what a segment changed that the local index had already before this run. */
    void mark(long segment, SegmentExtents extents) throws StorageException {
        if (segment != markedSegment + 1) {
            return;
        }
        MapChanges.checkedSectors(extents);
        MapChanges.mark(extents, applier.changed());
        markedSegment = segment;
    }

    /** Called after each apply: those segments mark by themselves. */
    void noteApplied(long segment) {
        if (markedSegment == segment - 1) {
            markedSegment = segment;
        }
    }

    CheckpointRef take(long firstNumber, WallClock clock) throws StorageException {
        long segment = applier.appliedSegment();
        CheckpointRef newest = pending == null ? base : pending;
        if (newest != null && newest.segment() == segment) {
            return newest;
        }
        if (applier.isInPart()) {
            throw new IllegalStateException(
                    "segment %d is applied in part; finish it first".formatted(segment + 1));
        }
        pending = null;
        applier.beginCheckpoint();
        markRest();
        pendingChanged.addAll(applier.changed());
        applier.changed().clear();
        pendingEmptied.clear();
        MapFormat.Header first =
                new MapFormat.Header(source.volume(), firstNumber, segment, clock.millis());
        CheckpointWriter writer = CheckpointWriter.begin(source, base, first, objectBytes);
        long at = pendingChanged.next(0);
        while (at < MapPage.MAX_PAGES) {
            // Whole regions may be marked that hold next to nothing.
            long page = stored.nextLocalPage(at, MapPage.MAX_PAGES);
            if (page == at) {
                write(writer, page);
                page++;
            }
            at = pendingChanged.next(page);
        }
        pending = writer.finish(table);
        return pending;
    }

    private void write(CheckpointWriter writer, long number) throws StorageException {
        MapPage page = stored.localPage(number);
        if (page == null) {
            throw new IllegalStateException("page %d left the local index".formatted(number));
        }
        if (page.isEmpty()) {
            writer.remove(number);
            pendingEmptied.add(number);
        } else {
            writer.put(number, PageFormat.encode(page));
        }
    }

    /** Without marks of every segment, the pages tell themselves what changed them. */
    private void markRest() throws StorageException {
        if (markedSegment < applier.appliedSegment()) {
            long since = base == null ? 0 : base.segment();
            index.forEachMapPage(
                    source.volume(),
                    0,
                    MapPage.MAX_PAGES,
                    (page, bytes) -> {
                        if (lastSegment(bytes) > since) {
                            applier.changed().add(page);
                        }
                        return true;
                    });
            markedSegment = applier.appliedSegment();
        }
    }

    private static long lastSegment(byte[] bytes) throws StorageException {
        try {
            return PageFormat.lastSegment(bytes);
        } catch (CorruptFormatException e) {
            throw new CorruptDataException("local index", 0, e);
        }
    }

    /** The manifest names it: nothing older is needed from here on. */
    void published(CheckpointRef ref) throws StorageException {
        if (ref.equals(base)) {
            return;
        }
        if (!ref.equals(pending)) {
            throw new IllegalStateException("not the checkpoint that was written: " + ref);
        }
        base = ref;
        pending = null;
        pendingChanged.clear();
        applier.rebase(ref, new MapTree(source, ref.root()), pendingEmptied);
        pendingEmptied.clear();
    }
}
