package io.lsmbd.write;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmbd.env.Environment;
import io.lsmbd.env.NanoClock;
import io.lsmbd.env.Signal;
import io.lsmbd.wal.WalKind;
import io.lsmbd.wal.index.WalIndex;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A volume's open batch and the sealed ones that wait for upload, in LSN order. Its lock is a leaf
 * below the WAL's append lock (docs/adr/20261120-locks.md). Bounded by {@link Backpressure}.
 */
final class BatchQueue {
    private final UploadPolicy policy;
    private final NanoClock clock;
    private final Signal changed;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable Batch open;

    @GuardedBy("lock")
    private final ArrayDeque<Batch> sealed = new ArrayDeque<>();

    /** Taken by the uploader but not committed: their records may still be copied forward. */
    @GuardedBy("lock")
    private final ArrayDeque<Batch> underWay = new ArrayDeque<>();

    @GuardedBy("lock")
    private boolean sealWanted;

    /** Records of the request under way that are still to come: no batch ends before them. */
    @GuardedBy("lock")
    private int recordsToCome;

    /** Records of the open batch that were there before that request. */
    @GuardedBy("lock")
    private int recordsBefore;

    /** The uploader waits for the end of that request. */
    @GuardedBy("lock")
    private boolean isEndAwaited;

    private volatile boolean closed;

    BatchQueue(UploadPolicy policy, Environment environment) {
        this.policy = policy;
        this.clock = environment.nanoClock();
        this.changed = environment.signal();
    }

    /**
     * The next records are one request, which one batch takes whole: what reopens after the loss of
     * the log is then the state after some request, never one within.
     */
    void begin(int records, long payloadSectors) {
        boolean tell = false;
        lock.lock();
        try {
            recordsToCome = records;
            if (open != null && !policy.hasRoom(open, payloadSectors)) {
                seal(open, Batch.Seal.FULL);
                tell = true;
            }
            recordsBefore = open == null ? 0 : open.records();
        } finally {
            lock.unlock();
        }
        if (tell) {
            changed.signalAll();
        }
    }

    /** The request under way ends here, incomplete: no batch takes it, what was before is due. */
    void breakOff() {
        lock.lock();
        try {
            Batch batch = open;
            if (recordsToCome > 0 && batch != null && recordsBefore == 0) {
                open = null;
            } else if (recordsToCome > 0 && batch != null) {
                batch.truncate(recordsBefore);
            }
            recordsToCome = 0;
            isEndAwaited = false;
        } finally {
            lock.unlock();
        }
        changed.signalAll();
    }

    void add(long lsn, WalKind kind, long lba, long sectors, long location) {
        boolean tell = false;
        lock.lock();
        try {
            Batch batch = open;
            if (batch == null) {
                batch = new Batch(lsn, clock.nanos());
                open = batch;
                tell = true;
            }
            if (lsn != batch.firstLsn() + batch.records()) {
                throw new IllegalStateException(
                        "record %d follows record %d".formatted(lsn, batch.lastLsn()));
            }
            batch.add(kind, lba, sectors, location);
            recordsToCome = Math.max(0, recordsToCome - 1);
            if (recordsToCome == 0 && policy.isFull(batch)) {
                seal(batch, Batch.Seal.FULL);
                tell = true;
            }
            if (recordsToCome == 0 && isEndAwaited) {
                isEndAwaited = false;
                tell = true;
            }
        } finally {
            lock.unlock();
        }
        if (tell) {
            changed.signalAll();
        }
    }

    /**
     * A record was copied forward in the log: batch and index are re-pointed in one step, or {@link
     * #forget} could come between and leave the index with a record that nobody removes any more.
     */
    void relocate(long lsn, long from, long to, Runnable index) {
        lock.lock();
        try {
            index.run();
            for (Batch batch : underWay) {
                if (batch.holds(lsn)) {
                    batch.relocate(lsn, from, to);
                    return;
                }
            }
            for (Batch batch : sealed) {
                if (batch.holds(lsn)) {
                    batch.relocate(lsn, from, to);
                    return;
                }
            }
            if (open != null && open.holds(lsn)) {
                open.relocate(lsn, from, to);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The index lets go of whatever still leads into the batch's records. */
    void forget(Batch batch, WalIndex index) {
        for (int i = 0; i < batch.records(); i++) {
            lock.lock();
            try {
                index.remove(batch.lba(i), batch.sectors(i), batch.location(i));
            } finally {
                lock.unlock();
            }
        }
    }

    /** Where record {@code i} of a batch is just now. */
    long locationOf(Batch batch, int i) {
        lock.lock();
        try {
            return batch.location(i);
        } finally {
            lock.unlock();
        }
    }

    /** Seals what is open as soon as the uploader asks next; for a flush to the store. */
    void sealSoon() {
        lock.lock();
        try {
            sealWanted = open != null;
            // Who waits for the batch's age waits on, but for that request's end from now on.
            isEndAwaited |= sealWanted && recordsToCome > 0;
        } finally {
            lock.unlock();
        }
        changed.signalAll();
    }

    /** Waits for the next sealed batch, sealing the open one when it is due; null once closed. */
    @Nullable Batch next() {
        while (!closed) {
            Batch batch = nextSealed();
            if (batch != null) {
                return batch;
            }
            Duration wait = untilDue();
            if (wait == null) {
                changed.await(() -> closed || hasWork());
            } else if (wait.isZero()) {
                changed.await(() -> closed || canSeal());
            } else {
                changed.await(() -> closed || canSeal(), wait);
            }
        }
        return null;
    }

    private @Nullable Batch nextSealed() {
        lock.lock();
        try {
            Batch batch = open;
            if (sealed.isEmpty() && batch != null && isDue(batch) && recordsToCome == 0) {
                seal(batch, Batch.Seal.DUE);
                sealWanted = false;
            }
            Batch first = sealed.poll();
            if (first != null) {
                underWay.add(first);
            }
            return first;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void seal(Batch batch, Batch.Seal why) {
        batch.seal(why, clock.nanos());
        sealed.add(batch);
        open = null;
    }

    @GuardedBy("lock")
    private boolean isDue(Batch batch) {
        return sealWanted || age(batch) >= maxAge();
    }

    private boolean hasWork() {
        lock.lock();
        try {
            return open != null || !sealed.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private boolean canSeal() {
        lock.lock();
        try {
            Batch batch = open;
            return !sealed.isEmpty() || (batch != null && isDue(batch) && recordsToCome == 0);
        } finally {
            lock.unlock();
        }
    }

    /**
     * How long until the open batch is due; zero: as soon as its last request has ended; null: none
     * is open.
     */
    private @Nullable Duration untilDue() {
        lock.lock();
        try {
            Batch batch = open;
            if (batch == null) {
                return null;
            }
            isEndAwaited = isDue(batch);
            return isEndAwaited
                    ? Duration.ZERO
                    : Duration.ofNanos(Math.max(1, maxAge() - age(batch)));
        } finally {
            lock.unlock();
        }
    }

    private long age(Batch batch) {
        return clock.nanos() - batch.openedNanos();
    }

    private long maxAge() {
        return policy.maxAge().toNanos();
    }

    void committed(Batch batch) {
        lock.lock();
        try {
            if (underWay.poll() != batch) {
                throw new IllegalStateException("batches commit in order");
            }
        } finally {
            lock.unlock();
        }
    }

    /** Age in nanoseconds of the oldest record that no segment holds; 0 if there is none. */
    long oldestAgeNanos() {
        lock.lock();
        try {
            Batch first = underWay.peek();
            first = first != null ? first : sealed.peek();
            first = first != null ? first : open;
            return first == null ? 0 : age(first);
        } finally {
            lock.unlock();
        }
    }

    /** No more batches are handed out. */
    void close() {
        closed = true;
        changed.signalAll();
    }
}
