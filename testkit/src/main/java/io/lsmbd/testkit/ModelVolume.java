package io.lsmbd.testkit;

import io.lsmbd.error.StorageException;
import io.lsmbd.read.Holes;
import io.lsmbd.volume.AllocationVisitor;
import io.lsmbd.volume.AllocationVisitor.Allocation;
import io.lsmbd.volume.BlockVolume;
import io.lsmbd.volume.Completion;
import io.lsmbd.volume.LocationVisitor;
import io.lsmbd.volume.LocationVisitor.Location;
import io.lsmbd.volume.WriteBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A volume in memory that is obviously right: pages of 4 KiB in a sorted map, one lock. To test
 * users of volumes, it can be told to make them wait, to let calls hang until released, and to
 * fail.
 */
public final class ModelVolume implements BlockVolume {
    /** Whether clients may change it. */
    public enum Access {
        READ_WRITE,
        READ_ONLY
    }

    /** What calls that need not wait are told. */
    public enum Waiting {
        NEVER_NEEDED,
        ALWAYS_NEEDED
    }

    private static final int SECTOR = 512;
    private static final int PAGE = 4096;
    private static final long PATIENCE_NANOS = 20_000_000_000L;
    private static final byte[] NOTHING = new byte[PAGE];

    private final String name;
    private final long size;
    private final Access access;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Page number to content; what was never written or trimmed as a whole page is absent. */
    private final TreeMap<Long, byte[]> pages = new TreeMap<>();

    /** By page number; reads that come there fail. */
    private final Map<Long, StorageException> damaged = new HashMap<>();

    private Waiting waiting = Waiting.NEVER_NEEDED;
    private boolean wasWanted;
    private boolean isHeld;
    private boolean isHoldingUnaligned;
    private boolean isHoldingFlushes;
    private int held;
    private int mostHeld;
    private @Nullable StorageException failure;
    private @Nullable RuntimeException bug;
    private final AtomicLong writes = new AtomicLong();
    private final AtomicLong flushes = new AtomicLong();
    private final List<Integer> batches = new ArrayList<>();
    private final List<Completion> heldFlushes = new ArrayList<>();

    public ModelVolume(String name, long size) {
        this(name, size, Access.READ_WRITE);
    }

    public ModelVolume(String name, long size, Access access) {
        this.name = name;
        this.size = size;
        this.access = access;
    }

    // What tests tell it

    /** From now on, whether anything can be done without waiting. */
    public void setWaiting(Waiting now) {
        locked(() -> waiting = now);
    }

    /** From now on calls that may wait do so, until {@link #release}. */
    public void hold() {
        locked(() -> isHeld = true);
    }

    /** From now on writes of other than whole sectors hang; everything else goes on. */
    public void holdUnaligned() {
        locked(() -> isHoldingUnaligned = true);
    }

    /** From now on nothing becomes durable, until {@link #release}. */
    public void holdFlushes() {
        locked(() -> isHoldingFlushes = true);
    }

    public void release() {
        List<Completion> durable = new ArrayList<>();
        locked(() -> {
            isHeld = false;
            isHoldingUnaligned = false;
            isHoldingFlushes = false;
            durable.addAll(heldFlushes);
            heldFlushes.clear();
            changed.signalAll();
        });
        durable.forEach(Completion::done);
    }

    /** Waits until so many calls hang in {@link #hold}, with patience for a busy machine. */
    public void awaitHeld(int calls) {
        lock.lock();
        try {
            long left = PATIENCE_NANOS;
            while (held < calls && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (held < calls) {
                throw new AssertionError("only %d of %d calls came".formatted(held, calls));
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted with %d of %d calls".formatted(held, calls), e);
        } finally {
            lock.unlock();
        }
    }

    /** The most calls that were ever inside at once. */
    public int mostHeld() {
        lock.lock();
        try {
            return mostHeld;
        } finally {
            lock.unlock();
        }
    }

    /** From now on every call fails like that; null ends it. */
    public void failWith(@Nullable StorageException cause) {
        locked(() -> failure = cause);
    }

    /** From now on reads fail like that where they come to the 4 KiB that the offset is in. */
    public void damage(long offset, StorageException cause) {
        locked(() -> damaged.put(offset / PAGE, cause));
    }

    /** From now on every call has a bug; null ends it. */
    public void throwFromEverything(@Nullable RuntimeException unexpected) {
        locked(() -> bug = unexpected);
    }

    /** Writes that succeeded, alone or in a batch. */
    public long writes() {
        return writes.get();
    }

    /** How many writes there were in each batch that succeeded. */
    public List<Integer> batches() {
        List<Integer> copy = new ArrayList<>();
        locked(() -> copy.addAll(batches));
        return copy;
    }

    /** Whether the last CACHE, or read that may wait, was still wanted when it was done. */
    public boolean wasWanted() {
        lock.lock();
        try {
            return wasWanted;
        } finally {
            lock.unlock();
        }
    }

    /** Those that were asked for. */
    public long flushes() {
        return flushes.get();
    }

    /** A copy of some bytes, whatever waiting and failures are set. */
    public byte[] contents(long offset, int length) {
        byte[] copy = new byte[length];
        locked(() -> copyOut(offset, ByteBuffer.wrap(copy)));
        return copy;
    }

    // The volume

    @Override
    public String name() {
        return name;
    }

    @Override
    public long sizeBytes() {
        return size;
    }

    @Override
    public boolean isReadOnly() {
        return access == Access.READ_ONLY;
    }

    @Override
    public boolean acceptsWithoutWaiting(int lengthBytes) {
        lock.lock();
        try {
            return waiting == Waiting.NEVER_NEEDED && !isHeld;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void write(long offset, ByteBuffer[] payload, int count) throws StorageException {
        long length = 0;
        for (int i = 0; i < count; i++) {
            length += payload[i].remaining();
        }
        check(offset, length);
        lock.lock();
        try {
            if (((offset | length) & (SECTOR - 1)) != 0) {
                waitWhile(() -> isHoldingUnaligned);
            }
            waitAndFail();
            copyIn(offset, payload, 0, count);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean tryWrite(WriteBatch batch) throws StorageException {
        lock.lock();
        try {
            if (waiting != Waiting.NEVER_NEEDED || isHeld) {
                return false;
            }
            waitAndFail();
            for (int i = 0; i < batch.size(); i++) {
                check(batch.offset(i), batch.lengthBytes(i));
                int first = batch.firstBuffer(i);
                copyIn(batch.offset(i), batch.buffers(), first, first + batch.bufferCount(i));
            }
            batches.add(batch.size());
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void trim(long offset, long length) throws StorageException {
        check(offset, length);
        lock.lock();
        try {
            waitAndFail();
            clear(offset, offset + length);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void writeZeroes(long offset, long length) throws StorageException {
        trim(offset, length);
    }

    @Override
    public void flush(Completion completion) {
        StorageException cause;
        lock.lock();
        try {
            throwBug();
            cause = failure;
            flushes.incrementAndGet();
            if (isHoldingFlushes) {
                heldFlushes.add(completion);
                return;
            }
        } finally {
            lock.unlock();
        }
        if (cause == null) {
            completion.done();
        } else {
            completion.failed(cause);
        }
    }

    @Override
    public boolean readWithoutWaiting(long offset, ByteBuffer into, Holes holes)
            throws StorageException {
        check(offset, into.remaining());
        lock.lock();
        try {
            if (waiting == Waiting.ALWAYS_NEEDED || isHeld) {
                return false;
            }
            waitAndFail();
            copyOut(offset, into, holes);
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void read(long offset, ByteBuffer into, Holes holes, BooleanSupplier isWanted)
            throws StorageException {
        check(offset, into.remaining());
        lock.lock();
        try {
            waitAndFail();
            wasWanted = isWanted.getAsBoolean();
            copyOut(offset, into, holes);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void cache(long offset, long length, BooleanSupplier isWanted) throws StorageException {
        check(offset, length);
        lock.lock();
        try {
            waitAndFail();
            wasWanted = isWanted.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void allocation(long offset, long length, AllocationVisitor visitor)
            throws StorageException {
        check(offset, length);
        lock.lock();
        try {
            waitAndFail();
            long at = offset;
            long end = offset + length;
            while (at < end) {
                Allocation allocation = allocationAt(at);
                long runEnd = Math.min(end, runEnd(at, allocation));
                if (!visitor.run(at, runEnd - at, allocation)) {
                    return;
                }
                at = runEnd;
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void locate(long offset, long length, LocationVisitor visitor) throws StorageException {
        allocation(
                offset,
                length,
                (at, count, allocation) ->
                        visitor.run(
                                at,
                                count,
                                allocation == Allocation.HOLE ? Location.HOLE : Location.WAL));
    }

    private Allocation allocationAt(long offset) {
        return pages.containsKey(offset / PAGE) ? Allocation.DATA : Allocation.HOLE;
    }

    private long runEnd(long from, Allocation allocation) {
        long page = from / PAGE;
        if (allocation == Allocation.HOLE) {
            Long next = pages.ceilingKey(page);
            return next == null ? size : next * PAGE;
        }
        while (pages.containsKey(page)) {
            page++;
        }
        return page * PAGE;
    }

    private void waitWhile(BooleanSupplier condition) {
        held++;
        mostHeld = Math.max(mostHeld, held);
        changed.signalAll();
        while (condition.getAsBoolean()) {
            changed.awaitUninterruptibly();
        }
        held--;
    }

    private void waitAndFail() throws StorageException {
        waitWhile(() -> isHeld);
        throwBug();
        if (failure != null) {
            throw failure;
        }
    }

    private void throwBug() {
        if (bug != null) {
            throw bug;
        }
    }

    private void check(long offset, long length) {
        if (offset < 0 || length < 0 || offset > size - length) {
            throw new IllegalArgumentException(
                    "beyond the volume: offset=%d length=%d size=%d"
                            .formatted(offset, length, size));
        }
    }

    private void copyIn(long offset, ByteBuffer[] payload, int from, int to) {
        long at = offset;
        for (int i = from; i < to; i++) {
            int length = payload[i].remaining();
            copyIn(at, payload[i]);
            at += length;
        }
        writes.incrementAndGet();
    }

    private void copyIn(long offset, ByteBuffer from) {
        long at = offset;
        while (from.hasRemaining()) {
            byte[] page = pages.computeIfAbsent(at / PAGE, _ -> new byte[PAGE]);
            int start = (int) (at % PAGE);
            int count = Math.min(PAGE - start, from.remaining());
            from.get(page, start, count);
            at += count;
        }
    }

    private void copyOut(long offset, ByteBuffer into, Holes holes) throws StorageException {
        holes.begin(into.position());
        long at = offset;
        while (into.hasRemaining()) {
            StorageException damage = damaged.get(at / PAGE);
            if (damage != null) {
                throw damage;
            }
            int position = into.position();
            at += copyPage(at, into);
            if (!pages.containsKey((at - 1) / PAGE)) {
                holes.add(position, into.position() - position);
            }
        }
    }

    private void copyOut(long offset, ByteBuffer into) {
        long at = offset;
        while (into.hasRemaining()) {
            at += copyPage(at, into);
        }
    }

    /** Copies from there to the end of its page at most; returns how much. */
    private int copyPage(long at, ByteBuffer into) {
        int start = (int) (at % PAGE);
        int count = Math.min(PAGE - start, into.remaining());
        into.put(pages.getOrDefault(at / PAGE, NOTHING), start, count);
        return count;
    }

    private void clear(long start, long end) {
        long firstWhole = Math.ceilDiv(start, PAGE);
        long endWhole = end / PAGE;
        if (firstWhole <= endWhole) {
            pages.subMap(firstWhole, endWhole).clear();
        }
        long headEnd = Math.min(end, firstWhole * PAGE);
        zero(start, headEnd);
        zero(Math.max(headEnd, endWhole * PAGE), end);
    }

    /** Within one page. */
    private void zero(long start, long end) {
        byte[] page = start < end ? pages.get(start / PAGE) : null;
        if (page != null) {
            int from = (int) (start % PAGE);
            Arrays.fill(page, from, from + (int) (end - start), (byte) 0);
        }
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }
}
