package io.lsmbd.extent;

import io.lsmbd.env.Signal;
import io.lsmbd.error.StorageException;
import io.lsmbd.extent.RadixSlot.Loading;
import io.lsmbd.extent.RadixSlot.Vacant;

/**
 * Makes parts of the map resident. One flight per slot: whoever finds another one loading waits for
 * it. Any thread; waits for disk and object store.
 */
final class PageLoader {
    private final PageRadix radix;
    private final StoredPages stored;
    private final Signal signal;

    PageLoader(PageRadix radix, StoredPages stored, Signal signal) {
        this.radix = radix;
        this.stored = stored;
        this.signal = signal;
    }

    /** The page as it is now; one that maps nothing if the region is unmapped. */
    MapPage load(long page) throws StorageException {
        while (true) {
            RadixNode node = radix.deepestNode(page);
            int index = node.slotOf(page);
            switch (node.slots.get(index)) {
                case MapPage found -> {
                    return found;
                }
                case Vacant _ -> {
                    return MapPage.empty(page, 0);
                }
                case RadixNode _ -> {}
                case Loading others -> signal.await(others::isDone);
                case null -> {
                    Loading place = new Loading();
                    if (node.slots.compareAndSet(index, null, place)) {
                        RadixSlot found = fill(node, page, place);
                        // As of now, even if the applier changed the page meanwhile: whoever asks
                        // for more has asked the WAL index before.
                        if (found instanceof MapPage loaded) {
                            return loaded;
                        }
                    }
                }
            }
        }
    }

    private RadixSlot fill(RadixNode node, long page, Loading place) throws StorageException {
        try {
            RadixSlot found = node.level == 1 ? readPage(page) : readSubtree(node, page);
            radix.install(node, page, place, found);
            return found;
        } finally {
            node.slots.compareAndSet(node.slotOf(page), place, null);
            place.done();
            signal.signalAll();
        }
    }

    private MapPage readPage(long page) throws StorageException {
        MapPage found = stored.page(page);
        return found == null ? MapPage.empty(page, 0) : found;
    }

    /** Vacant if nothing is stored in the subtree, else a node of which nothing is known yet. */
    private RadixSlot readSubtree(RadixNode parent, long page) throws StorageException {
        long end = parent.slotEnd(page);
        long first = end - parent.slotPages();
        long limit = Math.min(end, MapPage.MAX_PAGES);
        return stored.nextPage(first, limit) == limit ? Vacant.VACANT : radix.newNode(parent, page);
    }

    /**
     * The first page in {@code [from, to)} that maps something, or may do so, else {@code to}.
     * Costs as much as there are pages, not regions.
     */
    long nextMapped(long from, long to) throws StorageException {
        long at = from;
        while (at < to) {
            switch (radix.find(at)) {
                case MapPage page -> {
                    if (!page.isEmpty()) {
                        return at;
                    }
                    at++;
                }
                case Vacant _ -> at = radix.vacantEnd(at, to);
                case RadixNode _ -> throw new IllegalStateException("not a leaf");
                case Loading _ -> {
                    long end = radix.unknownEnd(at, to);
                    at = stored.nextPage(at, end);
                    if (at < end) {
                        return at;
                    }
                }
                case null -> {
                    long end = radix.unknownEnd(at, to);
                    at = stored.nextPage(at, end);
                    if (at < end) {
                        return at;
                    }
                }
            }
        }
        return to;
    }
}
