package io.lsmbd.extent;

import io.lsmbd.error.StorageException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The extent map as of a checkpoint and the segments after it, for whoever only looks: made from
 * the bucket alone, kept nowhere. A page that these segments change is made anew each time that it
 * is asked for, by laying them over the checkpoint's page as the applier does. Takes the memory of
 * the page budget and of the segments' extents. One thread; waits for the object store.
 */
public final class ExtentMapView implements AutoCloseable {
    private final @Nullable ExtentMap base;
    private final SegmentTable table;
    private final List<Layer> layers = new ArrayList<>();

    /** Pages that a layer maps something in, or unmaps something in that was mapped. */
    private final PageSet changed = new PageSet();

    private boolean isCounted;

    /** What one segment lays over the map. */
    private record Layer(long segment, SegmentExtents extents) {
        MapPage lay(MapPage page, PageEditor editor) {
            long from = page.firstLba();
            int first = firstEndingAfter(from);
            int last = first;
            while (last < extents.count() && extents.lba(last) < from + MapPage.SECTORS) {
                last++;
            }
            if (first == last) {
                return page;
            }
            editor.begin(page, segment);
            MapChanges.lay(extents, first, last - 1, from, editor);
            return editor.finish();
        }

        private int firstEndingAfter(long lba) {
            int low = 0;
            int high = extents.count();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (extents.lba(middle) + extents.sectors(middle) > lba) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            return low;
        }
    }

    private ExtentMapView(@Nullable ExtentMap base) {
        this.base = base;
        this.table = base == null ? new SegmentTable() : base.segments();
    }

    /**
     * Opens the map as of a checkpoint.
     *
     * @param sources without a local index
     * @param checkpoint the manifest's; null if it has none: nothing is mapped
     */
    public static ExtentMapView open(
            ExtentMapSources sources, PageBudget budget, @Nullable CheckpointRef checkpoint)
            throws StorageException {
        return new ExtentMapView(
                checkpoint == null
                        ? null
                        : ExtentMap.openSnapshot(
                                sources, budget, ExtentMapConfig.DEFAULT, checkpoint));
    }

    /** Lays the next committed segment over the map; all of them before the first question. */
    public void add(long segment, SegmentExtents extents) throws StorageException {
        if (isCounted) {
            throw new IllegalStateException("segment %d comes too late".formatted(segment));
        }
        int total = MapChanges.checkedSectors(extents);
        table.put(new SegmentUsage(segment, total, total, extents.storedBytes()));
        layers.add(new Layer(segment, extents));
        MapChanges.forEachRegion(
                extents,
                new MapChanges.Visitor() {
                    @Override
                    public void page(long page, int first, int last) {
                        changed.add(page);
                    }

                    @Override
                    public void unmapped(long fromPage, long toPage) throws StorageException {
                        markMapped(fromPage, toPage);
                    }
                });
    }

    /** A hole may span the volume; where the checkpoint maps nothing it changes nothing. */
    private void markMapped(long fromPage, long toPage) throws StorageException {
        if (base != null) {
            long at = base.nextMapped(fromPage, toPage);
            while (at < toPage) {
                changed.add(at);
                at = base.nextMapped(at + 1, toPage);
            }
        }
    }

    /** Live counts of all segments. */
    public SegmentTable segments() throws StorageException {
        if (!isCounted) {
            isCounted = true;
            PageEditor editor =
                    new PageEditor(
                            (older, sectors) -> table.displace(older, Math.toIntExact(sectors)));
            for (long at = changed.next(0); at < MapPage.MAX_PAGES; at = changed.next(at + 1)) {
                MapPage page = basePage(at);
                for (Layer layer : layers) {
                    page = layer.lay(page, editor);
                }
            }
        }
        return table;
    }

    private MapPage basePage(long number) throws StorageException {
        return base == null ? MapPage.empty(number, 0) : base.page(number);
    }

    /** As {@link ExtentMap#lookup}. */
    public void lookup(long lba, long sectors, MapRuns out) throws StorageException {
        long end = ExtentMap.checkedEnd(lba, sectors);
        out.start(lba, end);
        PageEditor editor = new PageEditor(Displaced.ignored());
        long limit = ExtentMap.pageLimit(end);
        for (long at = next(lba >>> MapPage.SHIFT, limit); at < limit; at = next(at + 1, limit)) {
            MapPage page = basePage(at);
            if (changed.contains(at)) {
                for (Layer layer : layers) {
                    page = layer.lay(page, editor);
                }
            }
            if (!out.add(page)) {
                return;
            }
        }
    }

    private long next(long from, long limit) throws StorageException {
        long mapped = base == null || from >= limit ? limit : base.nextMapped(from, limit);
        return Math.min(mapped, changed.next(from));
    }

    /** Gives its memory back to the budget. */
    @Override
    public void close() {
        if (base != null) {
            base.close();
        }
    }
}
