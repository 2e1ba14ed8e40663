package io.lsmbd.extent;

import io.lsmbd.error.StorageException;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.localindex.MapBatch;
import io.lsmbd.model.VolumeId;

/**
 * Changes a map, on one thread. A page takes all that a segment does to it at once and remembers
 * the segment; pages are written back together with the counts that they caused. So a segment that
 * was applied in part, before an error or a crash, is applied again and nothing counts twice.
 */
final class MapApplier {
    /** What is worth a batch of its own in the middle of a segment. */
    private static final long SMALL_BATCH_BYTES = 256 << 10;

    private final VolumeId volume;
    private final LocalIndex index;
    private final PageRadix radix;
    private final PageLoader loader;
    private final StoredPages stored;
    private final SegmentTable table;
    private final PageBudget budget;
    private final long changedLimitBytes;

    /** Pages newer than the local index. They are resident, and stay so. */
    private final PageSet dirty = new PageSet();

    private long dirtyBytes;

    /** Pages that may differ from the checkpoint that the manifest names. */
    private final PageSet changed = new PageSet();

    private long appliedSegment;
    private long writtenBackSegment;

    /** The checkpoint that pages in the local index rely on. */
    private long checkpoint;

    /** A newer one was begun: its pages may need hiding before we know that the manifest has it. */
    private boolean isCheckpointUnderWay;

    MapApplier(ExtentMapSources sources, LocalIndex index, ExtentMapParts parts, long limitBytes) {
        this.volume = sources.volume();
        this.index = index;
        this.radix = parts.radix();
        this.loader = parts.loader();
        this.stored = parts.stored();
        this.table = parts.table();
        this.budget = parts.budget();
        this.changedLimitBytes = limitBytes;
    }

    /** Where recovery begins. */
    void startAt(long applied, long checkpointNumber) {
        appliedSegment = applied;
        writtenBackSegment = applied;
        checkpoint = checkpointNumber;
    }

    long appliedSegment() {
        return appliedSegment;
    }

    PageSet changed() {
        return changed;
    }

    /** Whether the segment after the applied one is in the map in part, from a failed apply. */
    boolean isInPart() {
        return table.isKnown(appliedSegment + 1);
    }

    /** Brings the local index up to date, and from here on hides what the checkpoint will hold. */
    void beginCheckpoint() throws StorageException {
        writeBack();
        isCheckpointUnderWay = true;
    }

    /** A number that holds no segment of ours: an object of an epoch that had ended. */
    void passOver(long segment) {
        expectNext(segment);
        appliedSegment = segment;
    }

    void apply(long segment, SegmentExtents extents, Displaced listener) throws StorageException {
        expectNext(segment);
        int total = MapChanges.checkedSectors(extents);
        if (table.isKnown(segment)) {
            // Begun before a crash: pages that it changed then are skipped below, and count here.
            MapChanges.mark(extents, changed);
        } else {
            table.put(new SegmentUsage(segment, total, total, extents.storedBytes()));
        }
        PageEditor editor =
                new PageEditor((older, sectors) -> {
                    table.displace(older, Math.toIntExact(sectors));
                    listener.displaced(older, sectors);
                });
        MapChanges.forEachRegion(
                extents,
                new MapChanges.Visitor() {
                    @Override
                    public void page(long page, int first, int last) throws StorageException {
                        MapPage old = loader.load(page);
                        if (old.lastSegment() < segment) {
                            editor.begin(old, segment);
                            MapChanges.lay(extents, first, last, old.firstLba(), editor);
                            replace(old, editor.finish());
                        }
                    }

                    @Override
                    public void unmapped(long fromPage, long toPage) throws StorageException {
                        unmap(segment, fromPage, toPage, editor);
                    }
                });
        appliedSegment = segment;
        if (budget.isShortOfCleanPages()) {
            writeBack();
        }
    }

    private void unmap(long segment, long fromPage, long toPage, PageEditor editor)
            throws StorageException {
        long at = loader.nextMapped(fromPage, toPage);
        while (at < toPage) {
            MapPage old = loader.load(at);
            if (old.lastSegment() < segment) {
                editor.begin(old, segment);
                editor.unmap(0, MapPage.SECTORS);
                replace(old, editor.finish());
            }
            at = loader.nextMapped(at + 1, toPage);
        }
    }

    private void expectNext(long segment) {
        if (segment != appliedSegment + 1 || segment > MapPage.MAX_SEGMENT) {
            throw new IllegalStateException(
                    "segments are applied in order: %d after %d"
                            .formatted(segment, appliedSegment));
        }
    }

    private void replace(MapPage old, MapPage next) throws StorageException {
        if (next == old) {
            return;
        }
        long page = next.number();
        radix.put(next);
        if (dirty.contains(page)) {
            dirtyBytes -= old.heapBytes();
            budget.unpin(old.heapBytes());
        }
        dirty.add(page);
        changed.add(page);
        dirtyBytes += next.heapBytes();
        budget.pin(next);
        if (dirtyBytes > changedLimitBytes
                || (dirtyBytes > SMALL_BATCH_BYTES && budget.isShortOfCleanPages())) {
            writeBack();
        }
    }

    /** Brings the local index up to date in one step; then every page may be evicted. */
    void writeBack() throws StorageException {
        if (dirty.isEmpty() && !table.hasChanges() && writtenBackSegment == appliedSegment) {
            return;
        }
        // With nothing in the bucket, a region without a page is unmapped already.
        boolean hidesNothing = stored.tree().isEmpty() && !isCheckpointUnderWay;
        try (MapBatch batch = index.newBatch(volume)) {
            for (long at = dirty.next(0); at < MapPage.MAX_PAGES; at = dirty.next(at + 1)) {
                MapPage page = dirtyPage(at);
                if (page.isEmpty() && hidesNothing) {
                    batch.deletePage(at);
                } else {
                    batch.putPage(at, PageFormat.encode(page));
                }
            }
            write(batch);
        }
        for (long at = dirty.next(0); at < MapPage.MAX_PAGES; at = dirty.next(at + 1)) {
            budget.settle(dirtyPage(at));
        }
        dirty.clear();
        dirtyBytes = 0;
    }

    private void write(MapBatch batch) throws StorageException {
        table.<StorageException>forEachChange((segment, usage) -> {
            if (usage == null) {
                batch.deleteSegmentState(segment);
            } else {
                batch.putSegmentState(segment, SegmentTableFormat.encode(usage));
            }
        });
        batch.putMeta(new MapMeta(appliedSegment, checkpoint).encode());
        index.write(batch);
        table.clearChanges();
        writtenBackSegment = appliedSegment;
    }

    private MapPage dirtyPage(long page) {
        if (radix.find(page) instanceof MapPage found) {
            return found;
        }
        throw new IllegalStateException("a changed page is not resident: " + page);
    }

    /**
     * The manifest names this checkpoint now. Pages that are empty in it need not be hidden any
     * more; the local index relies on it from here on.
     */
    void rebase(CheckpointRef ref, MapTree tree, PageSet emptied) throws StorageException {
        writeBack();
        stored.setTree(tree);
        checkpoint = ref.number();
        isCheckpointUnderWay = false;
        try (MapBatch batch = index.newBatch(volume)) {
            for (long at = emptied.next(0); at < MapPage.MAX_PAGES; at = emptied.next(at + 1)) {
                MapPage page = stored.localPage(at);
                if (page != null && page.isEmpty() && page.lastSegment() <= ref.segment()) {
                    batch.deletePage(at);
                }
            }
            write(batch);
        }
    }

    /** Gives the budget back what changed pages took. */
    void close() {
        budget.unpin(dirtyBytes);
        dirtyBytes = 0;
    }
}
