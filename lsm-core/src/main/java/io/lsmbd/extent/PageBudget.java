package io.lsmbd.extent;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmbd.model.DataSize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The heap that the resident map pages of all volumes share, and the small cache of raw pieces of
 * map objects. Clean pages stand in a ring and leave it by the CLOCK rule once the budget is used
 * up; pages newer than the local index, and nodes, count but cannot be evicted, so their owners
 * keep them few. Thread-safe; its lock is a leaf.
 */
public final class PageBudget {
    private static final long MIN_BYTES = 256 << 10;
    private static final long MAX_PIECE_CACHE_BYTES = 16 << 20;

    private final long limitBytes;
    private final MapPieceCache pieces;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private MapPage[] ring = new MapPage[64];

    @GuardedBy("lock")
    private int ringCount;

    @GuardedBy("lock")
    private int hand;

    @GuardedBy("lock")
    private long usedBytes;

    /** Of these, changed pages. */
    @GuardedBy("lock")
    private long pinnedBytes;

    @GuardedBy("lock")
    private long evictions;

    public PageBudget(DataSize limit) {
        if (limit.bytes() < MIN_BYTES) {
            throw new IllegalArgumentException("at least 256KiB for map pages, not " + limit);
        }
        limitBytes = limit.bytes();
        pieces = new MapPieceCache(Math.min(limitBytes / 8, MAX_PIECE_CACHE_BYTES));
    }

    /** What resident pages and nodes take now; at most the limit, but for what is being changed. */
    public long usedBytes() {
        lock.lock();
        try {
            return usedBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Clean pages that were forgotten so far. */
    public long evictions() {
        lock.lock();
        try {
            return evictions;
        } finally {
            lock.unlock();
        }
    }

    public long limitBytes() {
        return limitBytes;
    }

    MapPieceCache pieces() {
        return pieces;
    }

    /**
     * Whether those who have changed pages should write them back, so that they can be evicted. All
     * volumes together keep at most a quarter of the budget from it.
     */
    boolean isShortOfCleanPages() {
        lock.lock();
        try {
            return pinnedBytes > limitBytes / 4 || usedBytes > limitBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Counts a changed page. */
    void pin(MapPage page) {
        lock.lock();
        try {
            pinnedBytes += page.heapBytes();
        } finally {
            lock.unlock();
        }
        charge(page.heapBytes());
    }

    void unpin(long bytes) {
        lock.lock();
        try {
            pinnedBytes -= bytes;
            usedBytes -= bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Counts something that cannot be evicted. */
    void charge(long bytes) {
        List<RadixNode> emptied;
        lock.lock();
        try {
            usedBytes += bytes;
            emptied = evict();
        } finally {
            lock.unlock();
        }
        prune(emptied);
    }

    void release(long bytes) {
        lock.lock();
        try {
            usedBytes -= bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Counts a clean page, which may be evicted from now on. */
    void admit(MapPage page) {
        List<RadixNode> emptied;
        lock.lock();
        try {
            usedBytes += page.heapBytes();
            enter(page);
            emptied = evict();
        } finally {
            lock.unlock();
        }
        prune(emptied);
    }

    /** A page that was pinned is clean now and may be evicted. */
    void settle(MapPage page) {
        List<RadixNode> emptied;
        lock.lock();
        try {
            pinnedBytes -= page.heapBytes();
            enter(page);
            emptied = evict();
        } finally {
            lock.unlock();
        }
        prune(emptied);
    }

    /** Forgets a clean page that was replaced; does nothing if it is not, or no longer, counted. */
    void withdraw(MapPage page) {
        lock.lock();
        try {
            if (page.ringPlace != 0) {
                leave(page);
                usedBytes -= page.heapBytes();
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void enter(MapPage page) {
        if (ringCount == ring.length) {
            ring = Arrays.copyOf(ring, ringCount * 2);
        }
        ring[ringCount++] = page;
        page.ringPlace = ringCount;
        page.isReferenced = true;
    }

    @GuardedBy("lock")
    private void leave(MapPage page) {
        int place = page.ringPlace - 1;
        MapPage last = ring[--ringCount];
        ring[place] = last;
        last.ringPlace = place + 1;
        page.ringPlace = 0;
        clear(ringCount);
    }

    @GuardedBy("lock")
    // The array's tail is never read.
    @SuppressWarnings("NullAway")
    private void clear(int place) {
        ring[place] = null;
    }

    @GuardedBy("lock")
    private List<RadixNode> evict() {
        List<RadixNode> emptied = List.of();
        while (usedBytes > limitBytes && ringCount > 0) {
            if (hand >= ringCount) {
                hand = 0;
            }
            MapPage page = ring[hand];
            if (page.isReferenced) {
                page.isReferenced = false;
                hand++;
                continue;
            }
            leave(page);
            usedBytes -= page.heapBytes();
            evictions++;
            RadixNode home = page.home;
            if (home != null && PageRadix.forget(home, page)) {
                if (emptied.isEmpty()) {
                    emptied = new ArrayList<>();
                }
                emptied.add(home);
            }
        }
        return emptied;
    }

    /** Without the lock: a node's owner has one of its own. */
    private static void prune(List<RadixNode> emptied) {
        for (RadixNode node : emptied) {
            node.owner.prune(node);
        }
    }
}
