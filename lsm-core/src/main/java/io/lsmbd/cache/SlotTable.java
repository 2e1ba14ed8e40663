package io.lsmbd.cache;

import java.util.Arrays;

/**
 * Which frame is in which of a tier's slots, and which slot to empty next. About 30 bytes per slot
 * in primitive arrays: a hash table with linear probing over them, and a CLOCK. Allocates only when
 * it grows. Not thread-safe: its owner's lock guards it.
 *
 * <p>The clock is deaf to a scan. A new frame starts unreferenced, and touches count only once the
 * tier has turned over by about an eighth since the frame came: the many small reads of one pass
 * over a frame are one use, not many.
 */
final class SlotTable {
    /** "No slot": a primitive because looking up allocates nothing. */
    static final int ABSENT = -1;

    /** So many referenced frames are passed over; then the next one goes, to bound the search. */
    private static final int MAX_PASSED_OVER = 256;

    // A slot's state: generation (8 bits), epoch of its insert (6), referenced (1), length (17).
    private static final int LENGTH_MASK = (1 << 17) - 1;
    private static final int REFERENCED = 1 << 17;
    private static final int EPOCH_SHIFT = 18;
    private static final int EPOCH_MASK = (1 << 6) - 1;
    private static final int GENERATION_SHIFT = 24;
    private static final int EPOCHS_PER_TURN = 8;

    private int maxSlots;
    private long[] volumes;
    private long[] segments;
    private int[] frames;
    private int[] states;
    private int[] buckets; // slot + 1, or 0
    private int opened; // slots that were ever claimed: [0, opened)
    private int hand;
    private int epoch;
    private int insertsInEpoch;
    private long bytes;
    private long evictions;

    SlotTable(int maxSlots, int firstSlots) {
        this.maxSlots = maxSlots;
        int slots = Math.min(maxSlots, firstSlots);
        volumes = new long[slots];
        segments = new long[slots];
        frames = new int[slots];
        states = new int[slots];
        buckets = new int[bucketsFor(slots)];
    }

    private static int bucketsFor(int slots) {
        return Math.toIntExact(slots * 3L / 2 + 1);
    }

    int find(long volume, long segment, int frame, long hash) {
        for (int at = home(hash); buckets[at] != 0; at = next(at)) {
            int slot = buckets[at] - 1;
            if (frames[slot] == frame && segments[slot] == segment && volumes[slot] == volume) {
                return slot;
            }
        }
        return ABSENT;
    }

    /** Marks the frame as used again, unless that still belongs to its first use. */
    void touch(int slot) {
        int state = states[slot];
        if (((epoch - (state >>> EPOCH_SHIFT)) & EPOCH_MASK) >= 2) {
            states[slot] = state | REFERENCED;
        }
    }

    /** An empty slot, by eviction if need be; {@link #ABSENT} if the table has no slots at all. */
    int claim() {
        if (opened < maxSlots) {
            growTo(opened + 1);
            return opened++;
        }
        if (maxSlots == 0) {
            return ABSENT;
        }
        for (int passed = 0; ; passed++) {
            int slot = hand;
            hand = hand + 1 == maxSlots ? 0 : hand + 1;
            if (length(slot) == 0) {
                return slot;
            }
            if ((states[slot] & REFERENCED) == 0 || passed >= MAX_PASSED_OVER) {
                remove(slot);
                evictions++;
                return slot;
            }
            states[slot] &= ~REFERENCED;
        }
    }

    /** Binds a claimed slot to a frame that is not in the table yet. */
    void put(int slot, long volume, long segment, int frame, int length) {
        if (length(slot) != 0 || length <= 0 || length > FrameCache.FRAME_BYTES) {
            throw new IllegalArgumentException(
                    "slot %d holds %d bytes, cannot take %d".formatted(slot, length(slot), length));
        }
        volumes[slot] = volume;
        segments[slot] = segment;
        frames[slot] = frame;
        int generation = (states[slot] >>> GENERATION_SHIFT) + 1;
        states[slot] =
                generation << GENERATION_SHIFT | (epoch & EPOCH_MASK) << EPOCH_SHIFT | length;
        link(slot);
        bytes += length;
        if (++insertsInEpoch >= Math.max(1, maxSlots / EPOCHS_PER_TURN)) {
            insertsInEpoch = 0;
            epoch++;
        }
    }

    /** Empties the slot. */
    void remove(int slot) {
        bytes -= length(slot);
        unlink(slot);
        states[slot] &= -1 << GENERATION_SHIFT;
    }

    /** Gives up all slots from {@code slots} on, which must be empty. */
    void capAt(int slots) {
        maxSlots = slots;
        opened = slots;
        hand = 0;
    }

    void clear() {
        Arrays.fill(states, 0);
        Arrays.fill(buckets, 0);
        opened = 0;
        hand = 0;
        bytes = 0;
    }

    /** Bytes of the slot's frame; 0 if it is empty. */
    int length(int slot) {
        return states[slot] & LENGTH_MASK;
    }

    /** Changes each time the slot is bound anew (and repeats only after 256 times). */
    int generation(int slot) {
        return states[slot] >>> GENERATION_SHIFT;
    }

    long volume(int slot) {
        return volumes[slot];
    }

    long segment(int slot) {
        return segments[slot];
    }

    int frame(int slot) {
        return frames[slot];
    }

    int openedSlots() {
        return opened;
    }

    long bytes() {
        return bytes;
    }

    long evictions() {
        return evictions;
    }

    private int home(long hash) {
        return (int) (((hash >>> 32) * buckets.length) >>> 32);
    }

    private int next(int bucket) {
        return bucket + 1 == buckets.length ? 0 : bucket + 1;
    }

    private int homeOf(int slot) {
        return home(FrameKey.hash(volumes[slot], segments[slot], frames[slot]));
    }

    private void link(int slot) {
        int at = homeOf(slot);
        while (buckets[at] != 0) {
            at = next(at);
        }
        buckets[at] = slot + 1;
    }

    /** Closes the gap by moving later entries of the run back, so that no tombstones are needed. */
    private void unlink(int slot) {
        int gap = homeOf(slot);
        while (buckets[gap] != slot + 1) {
            if (buckets[gap] == 0) {
                throw new IllegalStateException("slot %d is not in the table".formatted(slot));
            }
            gap = next(gap);
        }
        for (int at = next(gap); buckets[at] != 0; at = next(at)) {
            int home = homeOf(buckets[at] - 1);
            // An entry whose home lies cyclically in (gap, at] is found without crossing the gap.
            boolean stays = gap <= at ? gap < home && home <= at : gap < home || home <= at;
            if (!stays) {
                buckets[gap] = buckets[at];
                gap = at;
            }
        }
        buckets[gap] = 0;
    }

    private void growTo(int slots) {
        if (slots <= states.length) {
            return;
        }
        int grown = (int) Math.min(maxSlots, Math.max(slots, states.length * 2L));
        volumes = Arrays.copyOf(volumes, grown);
        segments = Arrays.copyOf(segments, grown);
        frames = Arrays.copyOf(frames, grown);
        states = Arrays.copyOf(states, grown);
        buckets = new int[bucketsFor(grown)];
        for (int slot = 0; slot < opened; slot++) {
            if (length(slot) != 0) {
                link(slot);
            }
        }
    }
}
