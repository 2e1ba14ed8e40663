package io.lsmbd.wal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmbd.env.Environment;
import io.lsmbd.env.LogFile;
import io.lsmbd.env.NanoClock;
import io.lsmbd.env.Signal;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Group commit: one fdatasync serves everyone who asked before it began. After a failed one the log
 * is poisoned and none is tried again: a second fdatasync would succeed without having written.
 */
final class Syncer {
    private final LogState state;
    private final WalAppender appender;
    private final WalMetrics metrics;
    private final NanoClock clock;
    private final Duration interval;
    private final LogFile hint;
    private final ByteBuffer hintBytes =
            ByteBuffer.allocateDirect(SyncedFormat.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C crc = new CRC32C();
    private final Signal answered;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private List<SyncListener> waiting = new ArrayList<>();

    @GuardedBy("lock")
    private boolean isClosed;

    private volatile boolean isWanted; // written under lock
    // Of the one that runs runOnce:
    private List<SyncListener> group = new ArrayList<>();
    private long hinted;

    Syncer(
            Environment env,
            LogState state,
            WalAppender appender,
            WalConfig config,
            WalMetrics metrics,
            LogFile hint) {
        this.state = state;
        this.appender = appender;
        this.metrics = metrics;
        this.clock = env.nanoClock();
        this.interval = config.syncInterval();
        this.answered = env.signal();
        this.hint = hint;
    }

    /** See {@link Wal#sync}. */
    void sync(SyncListener listener) {
        StorageException refusal = state.refusal();
        if (refusal == null && state.synced() >= state.appended()) {
            listener.synced();
        } else if (refusal != null || !enqueue(listener)) {
            listener.failed(refusal == null ? closed() : refusal);
        } else {
            state.syncWork.signalAll();
        }
    }

    private static StorageException closed() {
        return new VolumeClosedException("the log is closed");
    }

    private boolean enqueue(SyncListener listener) {
        lock.lock();
        try {
            if (!isClosed) {
                waiting.add(listener);
                isWanted = true;
            }
            return !isClosed;
        } finally {
            lock.unlock();
        }
    }

    /** The task's body: syncs when asked, and every interval if there is something. */
    void run() {
        while (!state.isClosing()) {
            state.syncWork.await(() -> isWanted || state.isClosing(), interval);
            runOnce();
        }
    }

    /** One pass: everything appended before it is on disk after it, and whoever waits is told. */
    void runOnce() {
        takeGroup();
        StorageException problem = state.isFailed() ? state.refusal() : null;
        // After the group was taken, so that it covers all that they appended before they asked.
        long target = state.appended();
        if (problem == null && state.synced() < target) {
            problem = syncUpTo(target);
        }
        for (SyncListener listener : group) {
            if (problem == null) {
                listener.synced();
            } else {
                listener.failed(problem);
            }
        }
        group.clear();
        if (problem == null && hinted != state.synced()) {
            writeHint(SyncedFormat.State.IN_USE);
        }
    }

    private void takeGroup() {
        lock.lock();
        try {
            List<SyncListener> taken = waiting;
            waiting = group;
            group = taken;
            isWanted = false;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable StorageException syncUpTo(long target) {
        long began = clock.nanos();
        WalFile[] files = appender.tail().live();
        boolean isFullFileSynced = false;
        for (int i = 0; i < files.length; i++) {
            long end = i + 1 < files.length ? files[i + 1].base() : target;
            if (end > state.synced() && files[i].base() < target) {
                try {
                    files[i].io.sync();
                } catch (IOException e) {
                    return state.fail("sync of " + files[i].name, e);
                }
                isFullFileSynced |= i + 1 < files.length;
            }
        }
        long before = state.synced();
        state.syncedUpTo(target);
        metrics.synced(clock.nanos() - began, target - before, group.size());
        if (isFullFileSynced) {
            state.changed();
        }
        return null;
    }

    private void writeHint(SyncedFormat.State how) {
        WalFile[] files = appender.tail().live();
        hinted = state.synced();
        new SyncedFormat(how, hinted, files[files.length - 1].header.sequence())
                .encode(hintBytes, crc);
        try {
            hint.write(0, hintBytes);
        } catch (IOException e) {
            state.fail("writing " + hint.name(), e);
        }
    }

    /** Syncs on the caller's thread, which must be the only one that does. */
    void syncHere() throws StorageException {
        state.check();
        runOnce();
        state.check();
    }

    /** Waits until a sync that began after this call has ended. */
    void syncAndWait() throws StorageException {
        Waiter waiter = new Waiter();
        sync(waiter);
        answered.await(() -> waiter.isAnswered);
        if (waiter.failure != null) {
            throw waiter.failure;
        }
    }

    private final class Waiter implements SyncListener {
        private volatile boolean isAnswered;
        private volatile @Nullable StorageException failure;

        @Override
        public void synced() {
            isAnswered = true;
            answered.signalAll();
        }

        @Override
        public void failed(StorageException cause) {
            failure = cause;
            isAnswered = true;
            answered.signalAll();
        }
    }

    /**
     * After the task has ended: a last sync, the mark of a clean close, no more waiters.
     *
     * @throws StorageException if that sync failed; nothing if the log had failed before
     */
    void close() throws StorageException {
        boolean hadFailed = state.isFailed();
        runOnce();
        lock.lock();
        try {
            isClosed = true;
        } finally {
            lock.unlock();
        }
        runOnce(); // who came in between
        try (hint) {
            if (!state.isFailed()) {
                writeHint(SyncedFormat.State.CLEANLY_CLOSED);
                hint.sync();
            }
        } catch (IOException e) {
            throw LogFiles.failure("closing " + hint.name(), e);
        }
        StorageException failure = state.refusal();
        if (failure != null && state.isFailed() && !hadFailed) {
            throw failure;
        }
    }
}
