package io.lsmbd.wal.index;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the sectors of one volume are in the log, as far as no committed segment holds them. All
 * operations are those of {@link ExtentIndex}, one at a time, under a leaf lock that is held for
 * microseconds.
 */
public final class WalIndex {
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final ExtentIndex extents = new ExtentIndex();

    private volatile int entries; // written under lock

    /** Whether nothing is in the log; takes no lock. */
    public boolean isEmpty() {
        return entries == 0;
    }

    /** Extents; takes no lock. */
    public int entries() {
        return entries;
    }

    /** Heap that the index takes, about. */
    public long bytes() {
        lock.lock();
        try {
            return extents.bytes();
        } finally {
            lock.unlock();
        }
    }

    /** See {@link ExtentIndex#put}. */
    public void put(long lba, long sectors, long location) {
        lock.lock();
        try {
            extents.put(lba, sectors, location);
            entries = extents.entries();
        } finally {
            lock.unlock();
        }
    }

    /** See {@link ExtentIndex#remove}. */
    public void remove(long lba, long sectors, long location) {
        lock.lock();
        try {
            extents.remove(lba, sectors, location);
            entries = extents.entries();
        } finally {
            lock.unlock();
        }
    }

    /** See {@link ExtentIndex#relocate}. */
    public void relocate(long lba, long sectors, long fromLocation, long toLocation) {
        lock.lock();
        try {
            extents.relocate(lba, sectors, fromLocation, toLocation);
        } finally {
            lock.unlock();
        }
    }

    /** See {@link ExtentIndex#lookup(long, long, ExtentList)}. */
    public void lookup(long lba, long sectors, ExtentList out) {
        if (entries == 0) {
            return;
        }
        lock.lock();
        try {
            extents.lookup(lba, sectors, out);
        } finally {
            lock.unlock();
        }
    }

    /** See {@link ExtentIndex#lookup(long, long, int, ExtentList)}. */
    public long lookup(long lba, long sectors, int maxExtents, ExtentList out) {
        if (entries == 0) {
            return lba + sectors;
        }
        lock.lock();
        try {
            return extents.lookup(lba, sectors, maxExtents, out);
        } finally {
            lock.unlock();
        }
    }
}
