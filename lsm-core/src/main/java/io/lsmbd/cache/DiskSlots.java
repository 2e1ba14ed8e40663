package io.lsmbd.cache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which frame is in which slot of the disk tier. The lock is held for a look only, never across
 * I/O; so a reader's slot may be given to another frame while it reads, and it asks afterwards with
 * {@link #drop} whether what it read was to be believed.
 */
final class DiskSlots {
    /** One directory entry: u64 volume, u64 segment, u32 frame, u32 length (0: no frame). */
    static final int ENTRY_BYTES = 24;

    /** Where a frame is, and which binding of that slot is meant. */
    record Place(int slot, int generation, int length) {}

    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final SlotTable table;

    /** All of the directory's memory is taken now: growing later would hold the lock for long. */
    DiskSlots(int capacity) {
        this.capacity = capacity;
        this.table = new SlotTable(capacity, capacity);
    }

    int capacity() {
        return capacity;
    }

    /** Finding is a use. */
    @Nullable Place find(FrameKey key) {
        lock.lock();
        try {
            int slot = slotOf(key);
            if (slot == SlotTable.ABSENT) {
                return null;
            }
            table.touch(slot);
            return new Place(slot, table.generation(slot), table.length(slot));
        } finally {
            lock.unlock();
        }
    }

    /** Does not count as a use. */
    boolean contains(FrameKey key) {
        lock.lock();
        try {
            return slotOf(key) != SlotTable.ABSENT;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private int slotOf(FrameKey key) {
        return table.find(key.volume(), key.segment(), key.frame(), key.hash());
    }

    /** Forgets the frame if it is still that binding; false if it had gone by itself. */
    boolean drop(FrameKey key, Place place) {
        lock.lock();
        try {
            boolean isStill =
                    slotOf(key) == place.slot()
                            && table.generation(place.slot()) == place.generation();
            if (isStill) {
                table.remove(place.slot());
            }
            return isStill;
        } finally {
            lock.unlock();
        }
    }

    /**
     * An empty slot for a frame that is not here, which nobody finds before {@link #bind}; {@link
     * SlotTable#ABSENT} if the frame is here. Only for the one task that inserts.
     */
    int claim(FrameKey key) {
        lock.lock();
        try {
            return slotOf(key) == SlotTable.ABSENT ? table.claim() : SlotTable.ABSENT;
        } finally {
            lock.unlock();
        }
    }

    void bind(int slot, FrameKey key, int length) {
        lock.lock();
        try {
            table.put(slot, key.volume(), key.segment(), key.frame(), length);
        } finally {
            lock.unlock();
        }
    }

    int openedSlots() {
        lock.lock();
        try {
            return table.openedSlots();
        } finally {
            lock.unlock();
        }
    }

    /** Appends the entries of slots [from, to). */
    void copyEntries(int from, int to, ByteBuffer into) {
        lock.lock();
        try {
            for (int slot = from; slot < to; slot++) {
                into.putLong(table.volume(slot)).putLong(table.segment(slot));
                into.putInt(table.frame(slot)).putInt(table.length(slot));
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the remaining entries as those of the next slots. A frame that comes twice (it moved
     * while the directory was being copied) keeps its first slot; entries without a slot are left
     * out.
     */
    void restoreEntries(ByteBuffer entries) {
        lock.lock();
        try {
            while (entries.hasRemaining() && table.openedSlots() < capacity) {
                FrameKey key = new FrameKey(entries.getLong(), entries.getLong(), entries.getInt());
                int length = entries.getInt();
                int slot = table.claim();
                if (length > 0 && slotOf(key) == SlotTable.ABSENT) {
                    table.put(slot, key.volume(), key.segment(), key.frame(), length);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    void clear() {
        lock.lock();
        try {
            table.clear();
        } finally {
            lock.unlock();
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
}
