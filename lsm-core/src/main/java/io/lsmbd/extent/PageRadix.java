package io.lsmbd.extent;

import io.lsmbd.extent.RadixSlot.Vacant;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The resident part of one volume's map: a sparse tree over page numbers. Readers take no lock.
 *
 * <p>Who may change a slot: a loader, from unknown to its own {@link RadixSlot.Loading} and from
 * that to what it found, by compare-and-set; the budget, from a clean page to unknown, by
 * compare-and-set; the applier, to a changed page, whatever was there. So a loader never overwrites
 * what the applier did since, and a changed page leaves only by the applier's hand.
 *
 * <p>A node without pages is detached under the lock, which the applier takes to install a page: a
 * changed page never ends up in a detached node. A loader's clean page may; it is just not found.
 */
final class PageRadix {
    /** Levels of nodes above the pages; the root has one slot per 2^24 pages. */
    static final int LEVELS = 4;

    private final PageBudget budget;

    /** A node of its own kind with one slot: the whole volume. */
    private final RadixNode top;

    private final ReentrantLock structure = new ReentrantLock();

    PageRadix(PageBudget budget, @Nullable Vacant initially) {
        this.budget = budget;
        top = new RadixNode(this, LEVELS + 1, 0, initially);
    }

    /** The node of the deepest level that is there on the way to {@code page}. */
    RadixNode deepestNode(long page) {
        RadixNode node = top;
        while (node.slots.get(node.slotOf(page)) instanceof RadixNode next) {
            node = next;
        }
        return node;
    }

    /** A page, VACANT, or else not known. */
    @Nullable RadixSlot find(long page) {
        RadixNode node = top;
        while (true) {
            RadixSlot slot = node.slots.get(node.slotOf(page));
            if (!(slot instanceof RadixNode next)) {
                return slot;
            }
            node = next;
        }
    }

    /** The first page from {@code page} on, up to {@code limit}, that is not known to be vacant. */
    long vacantEnd(long page, long limit) {
        long at = page;
        while (at < limit) {
            RadixNode node = deepestNode(at);
            if (node.slots.get(node.slotOf(at)) != Vacant.VACANT) {
                return at;
            }
            at = node.slotEnd(at);
        }
        return limit;
    }

    /** The first page from {@code page} on, up to {@code limit}, of which something is known. */
    long unknownEnd(long page, long limit) {
        long at = page;
        while (at < limit) {
            RadixNode node = deepestNode(at);
            RadixSlot slot = node.slots.get(node.slotOf(at));
            if (slot != null && !(slot instanceof RadixSlot.Loading)) {
                return at;
            }
            at = node.slotEnd(at);
        }
        return limit;
    }

    /** Makes a node for {@code page} below a slot of {@code parent}; nothing is known below it. */
    RadixNode newNode(RadixNode parent, long page) {
        return newNode(parent, page, null);
    }

    private RadixNode newNode(RadixNode parent, long page, @Nullable RadixSlot fill) {
        return new RadixNode(this, parent.level - 1, page & -parent.slotPages(), fill);
    }

    /** Installs a loader's find, if its place was kept. Returns whether it was. */
    boolean install(RadixNode node, long page, RadixSlot.Loading place, RadixSlot found) {
        if (found instanceof MapPage loaded) {
            loaded.home = node;
        }
        if (!node.slots.compareAndSet(node.slotOf(page), place, found)) {
            return false;
        }
        if (found instanceof MapPage loaded) {
            node.pages.incrementAndGet();
            budget.admit(loaded);
        } else if (found instanceof RadixNode) {
            budget.charge(RadixNode.HEAP_BYTES);
        }
        return true;
    }

    /** The applier puts a changed page; it stays until it is settled with the budget. */
    void put(MapPage changed) {
        long page = changed.number();
        RadixSlot previous;
        int created = 0;
        structure.lock();
        try {
            RadixNode node = top;
            while (node.level > 1) {
                int index = node.slotOf(page);
                RadixSlot slot = node.slots.get(index);
                if (slot instanceof RadixNode next) {
                    node = next;
                } else {
                    // What a loader is finding out comes too late now.
                    Vacant fill = slot instanceof Vacant vacant ? vacant : null;
                    if (node.slots.compareAndSet(index, slot, newNode(node, page, fill))) {
                        created++;
                    }
                }
            }
            changed.home = node;
            previous = node.slots.getAndSet(node.slotOf(page), changed);
            if (!(previous instanceof MapPage)) {
                node.pages.incrementAndGet();
            }
        } finally {
            structure.unlock();
        }
        if (previous instanceof MapPage replaced) {
            budget.withdraw(replaced);
        }
        if (created > 0) {
            budget.charge(created * RadixNode.HEAP_BYTES);
        }
    }

    /** Evicts a clean page; returns whether that leaves its node without pages. */
    static boolean forget(RadixNode node, MapPage page) {
        return node.slots.compareAndSet(node.slotOf(page.number()), page, null)
                && node.pages.decrementAndGet() == 0;
    }

    /** Detaches a node that has no pages, if that is still so. */
    void prune(RadixNode node) {
        boolean isDetached = false;
        structure.lock();
        try {
            RadixNode parent = top;
            while (parent.level > node.level + 1
                    && parent.slots.get(parent.slotOf(node.firstPage)) instanceof RadixNode next) {
                parent = next;
            }
            if (parent.level == node.level + 1) {
                RadixSlot rest = restOf(node);
                isDetached =
                        rest != node
                                && parent.slots.compareAndSet(
                                        parent.slotOf(node.firstPage), node, rest);
            }
        } finally {
            structure.unlock();
        }
        if (isDetached) {
            budget.release(RadixNode.HEAP_BYTES);
        }
    }

    /** What is left to know of a node without pages; the node itself if it has some. */
    private static @Nullable RadixSlot restOf(RadixNode node) {
        boolean isVacant = true;
        for (int i = 0; i < node.slots.length(); i++) {
            RadixSlot slot = node.slots.get(i);
            if (slot instanceof MapPage || slot instanceof RadixNode) {
                return node;
            }
            isVacant &= slot == Vacant.VACANT;
        }
        return isVacant ? Vacant.VACANT : null;
    }

    /** Gives the budget back what clean pages and nodes took. The radix is not used any more. */
    void close() {
        release(top);
    }

    private void release(RadixNode node) {
        for (int i = 0; i < node.slots.length(); i++) {
            RadixSlot slot = node.slots.getAndSet(i, null);
            if (slot instanceof RadixNode child) {
                release(child);
                budget.release(RadixNode.HEAP_BYTES);
            } else if (slot instanceof MapPage page) {
                budget.withdraw(page);
            }
        }
    }
}
