package io.lsmbd.cache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One independent part of the memory tier. A copy of at most a frame happens under its lock: a few
 * microseconds, during which no frame can be evicted from under its reader.
 */
final class MemoryStripe {
    private static final Logger log = LoggerFactory.getLogger(MemoryStripe.class);

    /** Memory is taken in pieces of 1 MiB, when first needed: an idle daemon stays small. */
    private static final int SLOTS_PER_CHUNK = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final Arena arena;
    private final int maxSlots;

    @GuardedBy("lock")
    private final SlotTable table;

    @GuardedBy("lock")
    private ByteBuffer[] chunks = new ByteBuffer[0];

    @GuardedBy("lock")
    private boolean closed;

    MemoryStripe(Arena arena, int maxSlots) {
        this.arena = arena;
        this.maxSlots = maxSlots;
        this.table = new SlotTable(maxSlots, SLOTS_PER_CHUNK);
    }

    boolean copy(long volume, long segment, int frame, int offsetBytes, ByteBuffer into) {
        long hash = FrameKey.hash(volume, segment, frame);
        int count = into.remaining();
        lock.lock();
        try {
            int slot = table.find(volume, segment, frame, hash);
            if (slot == SlotTable.ABSENT || count > table.length(slot) - offsetBytes) {
                return false;
            }
            table.touch(slot);
            int at = into.position();
            into.put(at, chunks[slot / SLOTS_PER_CHUNK], offsetOf(slot) + offsetBytes, count);
            into.position(at + count);
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean copyWhole(FrameKey key, ByteBuffer into) {
        lock.lock();
        try {
            int slot = table.find(key.volume(), key.segment(), key.frame(), key.hash());
            if (slot == SlotTable.ABSENT) {
                return false;
            }
            int count = table.length(slot);
            into.clear().put(0, chunks[slot / SLOTS_PER_CHUNK], offsetOf(slot), count);
            into.limit(count);
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean contains(long volume, long segment, int frame) {
        long hash = FrameKey.hash(volume, segment, frame);
        lock.lock();
        try {
            return table.find(volume, segment, frame, hash) != SlotTable.ABSENT;
        } finally {
            lock.unlock();
        }
    }

    /** Copies the remaining bytes of {@code plain} in, unless the frame is here already. */
    void insert(long volume, long segment, int frame, ByteBuffer plain) {
        long hash = FrameKey.hash(volume, segment, frame);
        int count = plain.remaining();
        lock.lock();
        try {
            if (closed || table.find(volume, segment, frame, hash) != SlotTable.ABSENT) {
                return;
            }
            int slot = table.claim();
            if (slot != SlotTable.ABSENT && hasMemoryFor(slot)) {
                ByteBuffer chunk = chunks[slot / SLOTS_PER_CHUNK];
                chunk.put(offsetOf(slot), plain, plain.position(), count);
                table.put(slot, volume, segment, frame, count);
            }
        } finally {
            lock.unlock();
        }
    }

    private static int offsetOf(int slot) {
        return slot % SLOTS_PER_CHUNK * FrameCache.FRAME_BYTES;
    }

    /**
     * Gets the slot's chunk if it is the first in it. A machine that has less memory than was
     * configured gets a smaller cache, not a failed read.
     */
    @GuardedBy("lock")
    private boolean hasMemoryFor(int slot) {
        if (slot / SLOTS_PER_CHUNK < chunks.length) {
            return true;
        }
        int slots = Math.min(SLOTS_PER_CHUNK, maxSlots - slot);
        try {
            long bytes = (long) slots * FrameCache.FRAME_BYTES;
            ByteBuffer chunk = arena.allocate(bytes, Long.BYTES).asByteBuffer();
            chunks = Arrays.copyOf(chunks, chunks.length + 1);
            chunks[chunks.length - 1] = chunk;
            return true;
        } catch (OutOfMemoryError e) {
            log.warn("memory cache stops growing slots={} of={}", slot, maxSlots, e);
            table.capAt(slot);
            return false;
        }
    }

    long bytes() {
        lock.lock();
        try {
            return table.bytes();
        } finally {
            lock.unlock();
        }
    }

    long evictions() {
        lock.lock();
        try {
            return table.evictions();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets every frame and takes no more: nobody touches the arena's memory afterwards. */
    void close() {
        lock.lock();
        try {
            closed = true;
            table.clear();
            chunks = new ByteBuffer[0];
        } finally {
            lock.unlock();
        }
    }
}
