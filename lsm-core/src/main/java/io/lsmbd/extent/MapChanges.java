package io.lsmbd.extent;

import io.lsmbd.error.StorageException;
import io.lsmbd.model.Sectors;

/** Splits a segment's extents at the borders of map pages. */
final class MapChanges {
    /** What a segment does to the map, in LBA order. */
    interface Visitor {
        /** Extents {@code first} to {@code last}, inclusive, reach into the page. */
        void page(long page, int first, int last) throws StorageException;

        /** These pages are unmapped as a whole. */
        void unmapped(long fromPage, long toPage) throws StorageException;
    }

    private MapChanges() {}

    /** The segment's data sectors; refuses extents that contradict each other. */
    static int checkedSectors(SegmentExtents extents) {
        long end = 0;
        long data = 0;
        for (int i = 0; i < extents.count(); i++) {
            long lba = extents.lba(i);
            long sectors = extents.sectors(i);
            boolean isHole = extents.isHole(i);
            if (lba < end
                    || sectors < 1
                    || sectors > Sectors.MAX_VOLUME_SECTORS
                    || lba > Sectors.MAX_VOLUME_SECTORS - sectors
                    || (!isHole
                            && (extents.address(i) < 0
                                    || extents.address(i) + sectors > Integer.MAX_VALUE))) {
                throw new IllegalArgumentException(
                        "no such extent: index=%d lba=%d sectors=%d after=%d"
                                .formatted(i, lba, sectors, end));
            }
            end = lba + sectors;
            data += isHole ? 0 : sectors;
        }
        if (extents.storedBytes() < 0 || extents.storedBytes() > SegmentUsage.MAX_STORED_BYTES) {
            throw new IllegalArgumentException("stored bytes: " + extents.storedBytes());
        }
        return Math.toIntExact(data);
    }

    static void forEachRegion(SegmentExtents extents, Visitor visitor) throws StorageException {
        long done = 0;
        int i = 0;
        while (i < extents.count()) {
            long start = Math.max(done, extents.lba(i));
            long end = extents.lba(i) + extents.sectors(i);
            if (start >= end) {
                i++;
                continue;
            }
            long page = start >>> MapPage.SHIFT;
            long pageEnd = (page + 1) << MapPage.SHIFT;
            if (extents.isHole(i) && start == page << MapPage.SHIFT && end >= pageEnd) {
                long toPage = end >>> MapPage.SHIFT;
                visitor.unmapped(page, toPage);
                done = toPage << MapPage.SHIFT;
            } else {
                int last = i;
                while (last + 1 < extents.count() && extents.lba(last + 1) < pageEnd) {
                    last++;
                }
                visitor.page(page, i, last);
                done = pageEnd;
            }
        }
    }

    /** Adds every page that the extents touch. */
    static void mark(SegmentExtents extents, PageSet pages) throws StorageException {
        forEachRegion(
                extents,
                new Visitor() {
                    @Override
                    public void page(long page, int first, int last) {
                        pages.add(page);
                    }

                    @Override
                    public void unmapped(long fromPage, long toPage) {
                        pages.addRange(fromPage, toPage);
                    }
                });
    }

    /** Gives the editor the parts of these extents that lie in its page. */
    static void lay(SegmentExtents extents, int first, int last, long pageLba, PageEditor editor) {
        for (int i = first; i <= last; i++) {
            long lba = extents.lba(i);
            int from = (int) Math.max(0, lba - pageLba);
            int to = (int) Math.min(MapPage.SECTORS, lba + extents.sectors(i) - pageLba);
            if (extents.isHole(i)) {
                editor.unmap(from, to);
            } else {
                long skipped = pageLba + from - lba;
                editor.map(from, to, Math.toIntExact(extents.address(i) + skipped));
            }
        }
    }
}
