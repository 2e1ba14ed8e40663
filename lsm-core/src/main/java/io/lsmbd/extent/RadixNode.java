package io.lsmbd.extent;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** An inner node of the resident map: at level 1 its slots are pages, above they are nodes. */
final class RadixNode implements RadixSlot {
    static final int SHIFT = 8;
    static final int FAN_OUT = 1 << SHIFT;

    /** A node with all its slots: what the budget is charged for one. */
    static final long HEAP_BYTES = 80 + 4L * FAN_OUT;

    final PageRadix owner;
    final int level;
    final long firstPage;
    final AtomicReferenceArray<@Nullable RadixSlot> slots;

    /** How many slots hold a page. */
    final AtomicInteger pages = new AtomicInteger();

    RadixNode(PageRadix owner, int level, long firstPage, @Nullable RadixSlot fill) {
        this.owner = owner;
        this.level = level;
        this.firstPage = firstPage;
        slots = new AtomicReferenceArray<>(slotCount(level));
        if (fill != null) {
            for (int i = 0; i < slots.length(); i++) {
                slots.setPlain(i, fill);
            }
        }
    }

    private static int slotCount(int level) {
        long covered = 1L << (SHIFT * (level - 1));
        return Math.clamp(MapPage.MAX_PAGES / covered, 1, FAN_OUT);
    }

    int slotOf(long page) {
        return (int) (page >>> (SHIFT * (level - 1))) & (FAN_OUT - 1);
    }

    /** Pages below one slot. */
    long slotPages() {
        return 1L << (SHIFT * (level - 1));
    }

    /** The first page after those below the slot that {@code page} is in. */
    long slotEnd(long page) {
        long covered = slotPages();
        return (page & -covered) + covered;
    }
}
