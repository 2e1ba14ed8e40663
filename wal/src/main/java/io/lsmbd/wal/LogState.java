package io.lsmbd.wal;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far the log got and whether it failed: what its parts tell each other. Thread-safe. */
final class LogState {
    private static final Logger log = LoggerFactory.getLogger(LogState.class);

    /** Woken when there is something to sync. */
    final Signal syncWork;

    private final Signal recycleWork;
    private final AtomicLong changes = new AtomicLong();

    /** Woken when an append that waits for a file may find one. */
    final Signal room;

    private volatile long appended; // written under the append lock
    private volatile long synced; // written by the one that syncs
    private volatile @Nullable StorageException failure; // written once, under this
    private volatile boolean closing;

    LogState(Environment env, long position) {
        this.syncWork = env.signal();
        this.recycleWork = env.signal();
        this.room = env.signal();
        this.appended = position;
        this.synced = position;
    }

    /** Position behind the last record that is in the page cache. */
    long appended() {
        return appended;
    }

    void appendedUpTo(long position) {
        appended = position;
    }

    /** Everything before this position is on disk. */
    long synced() {
        return synced;
    }

    /** Called only by whoever syncs, so that it only grows. */
    void syncedUpTo(long position) {
        if (position < synced || position > appended) {
            throw new AssertionError(
                    "synced %d cannot become %d, appended is %d"
                            .formatted(synced, position, appended));
        }
        synced = position;
    }

    /** Files may have to be prepared, recycled or copied. */
    void changed() {
        changes.incrementAndGet();
        recycleWork.signalAll();
    }

    /** Waits for a change since {@code seen}, but not for ever; returns what to pass next time. */
    long awaitChange(long seen, Duration atMost) {
        boolean woken = recycleWork.await(() -> closing || changes.get() != seen, atMost);
        return woken ? changes.get() : seen;
    }

    boolean isFailed() {
        return failure != null;
    }

    boolean isClosing() {
        return closing;
    }

    boolean isOver() {
        return closing || failure != null;
    }

    void close() {
        closing = true;
        wakeAll();
    }

    /** The log is poisoned from the first call on; returns what this one's caller is to throw. */
    StorageException fail(String what, IOException cause) {
        StorageException problem =
                new LocalStorageException("the log has failed: " + what + ": " + cause, cause);
        synchronized (this) {
            if (failure == null) {
                failure = problem;
                log.error("wal failed, nothing more is accepted what={}", what, cause);
            }
        }
        wakeAll();
        return problem;
    }

    /** What a call has to be refused with, if anything. */
    @Nullable StorageException refusal() {
        StorageException first = failure;
        if (first != null) {
            return new LocalStorageException(
                    "the log has failed earlier: " + first.getMessage(), first);
        }
        return closing ? new VolumeClosedException("the log is closed") : null;
    }

    void check() throws StorageException {
        StorageException refusal = refusal();
        if (refusal != null) {
            throw refusal;
        }
    }

    private void wakeAll() {
        syncWork.signalAll();
        recycleWork.signalAll();
        room.signalAll();
    }
}
