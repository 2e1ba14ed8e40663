package io.lsmbd.write;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmbd.error.StorageException;
import io.lsmbd.wal.SyncListener;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** Flushes of a volume of durability {@code object} that wait for a segment to hold their LSN. */
final class CommitWaiters {
    private record Waiter(long lsn, SyncListener listener) {}

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

    void add(long lsn, SyncListener listener) {
        lock.lock();
        try {
            waiters.add(new Waiter(lsn, listener));
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return waiters.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Tells all whose records are committed. */
    void committed(long lsn) {
        for (SyncListener listener : take(lsn)) {
            listener.synced();
        }
    }

    void fail(StorageException cause) {
        for (SyncListener listener : take(Long.MAX_VALUE)) {
            listener.failed(cause);
        }
    }

    private List<SyncListener> take(long upToLsn) {
        List<SyncListener> taken = new ArrayList<>();
        lock.lock();
        try {
            waiters.removeIf(waiter -> {
                boolean due = waiter.lsn() <= upToLsn;
                if (due) {
                    taken.add(waiter.listener());
                }
                return due;
            });
        } finally {
            lock.unlock();
        }
        return taken;
    }
}
