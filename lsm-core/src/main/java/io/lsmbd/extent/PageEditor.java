package io.lsmbd.extent;

import java.util.Arrays;

/**
 * Lays one segment's runs over a page: the applier's scratch space. Begin with a page, give the
 * runs in order, finish with the page as it is now.
 */
final class PageEditor {
    private static final int INITIAL_ENTRIES = 256;

    private final Displaced displaced;
    private int[] entries = new int[INITIAL_ENTRIES * MapPage.ENTRY_INTS];
    private int size;
    private MapPage page = MapPage.empty(0, 0);
    private long segment;
    private boolean isChanged;

    /** The old page's extents before this index, and its sectors before this one, are done. */
    private int oldIndex;

    private int oldSector;

    PageEditor(Displaced displaced) {
        this.displaced = displaced;
    }

    void begin(MapPage old, long bySegment) {
        page = old;
        segment = bySegment;
        size = 0;
        oldIndex = 0;
        oldSector = 0;
        isChanged = false;
    }

    /** Sectors {@code [start, end)} of the region are now at {@code address} of the segment. */
    void map(int start, int end, int address) {
        keepUntil(start);
        dropUntil(end);
        add(start, end, (int) segment, address);
        isChanged = true;
    }

    void unmap(int start, int end) {
        keepUntil(start);
        dropUntil(end);
    }

    /** The page after these runs; the same object if they changed nothing. */
    MapPage finish() {
        keepUntil(MapPage.SECTORS);
        return isChanged ? MapPage.of(page.number(), Arrays.copyOf(entries, size), segment) : page;
    }

    private void keepUntil(int limit) {
        while (oldIndex < page.count() && page.start(oldIndex) < limit) {
            int from = Math.max(page.start(oldIndex), oldSector);
            int end = page.start(oldIndex) + page.length(oldIndex);
            int to = Math.min(end, limit);
            if (from < to) {
                int address = page.address(oldIndex) + (from - page.start(oldIndex));
                add(from, to, (int) page.segment(oldIndex), address);
            }
            if (end > limit) {
                break;
            }
            oldIndex++;
        }
        oldSector = Math.max(oldSector, limit);
    }

    private void dropUntil(int limit) {
        while (oldIndex < page.count() && page.start(oldIndex) < limit) {
            int from = Math.max(page.start(oldIndex), oldSector);
            int end = page.start(oldIndex) + page.length(oldIndex);
            int to = Math.min(end, limit);
            if (from < to) {
                displaced.displaced(page.segment(oldIndex), to - from);
                isChanged = true;
            }
            if (end > limit) {
                break;
            }
            oldIndex++;
        }
        oldSector = Math.max(oldSector, limit);
    }

    private void add(int start, int end, int inSegment, int address) {
        int last = size - MapPage.ENTRY_INTS;
        if (last >= 0 && entries[last + 1] == inSegment) {
            int lastStart = entries[last] >>> MapPage.SHIFT;
            int lastLength = (entries[last] & (MapPage.SECTORS - 1)) + 1;
            if (lastStart + lastLength == start && entries[last + 2] + lastLength == address) {
                entries[last] = MapPage.packRun(lastStart, end - lastStart);
                return;
            }
        }
        if (size == entries.length) {
            entries = Arrays.copyOf(entries, size * 2);
        }
        entries[size] = MapPage.packRun(start, end - start);
        entries[size + 1] = inSegment;
        entries[size + 2] = address;
        size += MapPage.ENTRY_INTS;
    }
}
