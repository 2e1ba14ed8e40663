package io.lsmbd.wal;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.model.VolumeId;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The records of one volume that the log holds, sorted by epoch, then LSN, each once: a volume
 * whose epochs follow each other on this host has them in LSN order. Indexes run from 0 to {@code
 * size - 1}. The contents do not change while the volume is borrowed, see {@link
 * WalRecovery#records}.
 */
public final class WalRecords {
    private static final int FIRST_CAPACITY = 64;

    /** In the kind's byte: the request goes on in the record of the next LSN. */
    private static final int CONTINUES = 0x80;

    private final VolumeId volume;
    private int size;
    private long[] lsns = new long[FIRST_CAPACITY];
    private int[] epochs = new int[FIRST_CAPACITY];
    private byte[] kinds = new byte[FIRST_CAPACITY];
    private long[] lbas = new long[FIRST_CAPACITY];
    private long[] sectors = new long[FIRST_CAPACITY];
    private long[] locations = new long[FIRST_CAPACITY];
    private int[] payloadCrcs = new int[FIRST_CAPACITY];
    private @Nullable CorruptDataException contradiction;

    WalRecords(VolumeId volume) {
        this.volume = volume;
    }

    public VolumeId volume() {
        return volume;
    }

    public int size() {
        return size;
    }

    public long lsn(int index) {
        return lsns[checked(index)];
    }

    public long epoch(int index) {
        return epochs[checked(index)] & RecordFormat.MAX_EPOCH;
    }

    public WalKind kind(int index) {
        return switch (kinds[checked(index)] & (CONTINUES - 1)) {
            case 1 -> WalKind.WRITE;
            case 2 -> WalKind.TRIM;
            default -> WalKind.ZERO;
        };
    }

    /** Whether the next record belongs to the same request of the client's. */
    public boolean continues(int index) {
        return (kinds[checked(index)] & CONTINUES) != 0;
    }

    public long lba(int index) {
        return lbas[checked(index)];
    }

    public long sectors(int index) {
        return sectors[checked(index)];
    }

    /** Where the record's first sector is, see {@link WalLocation}. */
    public long location(int index) {
        return locations[checked(index)];
    }

    /** How many records lie at or behind the position. */
    long countFrom(long position) {
        long count = 0;
        for (int i = 0; i < size; i++) {
            count += WalLocation.position(locations[i]) >= position ? 1 : 0;
        }
        return count;
    }

    private int checked(int index) {
        if (index >= size) {
            throw new IndexOutOfBoundsException("record " + index + " of " + size);
        }
        return index;
    }

    /**
     * What keeps these records from being replayed on top of segments that hold everything up to
     * {@code committedLsn}: an LSN above it that is missing, or two different records of one LSN.
     * Gaps at or below it are usual: recycling and copying forward leave them.
     */
    public Optional<CorruptDataException> problem(long committedLsn) {
        if (contradiction != null) {
            return Optional.of(contradiction);
        }
        long covered = committedLsn;
        for (int i = 0; i < size; i++) {
            long lsn = lsns[i];
            boolean followsInEpoch = i == 0 || epochs[i] != epochs[i - 1] || lsn == lsns[i - 1] + 1;
            if (lsn > covered + 1 || (lsn > committedLsn + 1 && !followsInEpoch)) {
                return Optional.of(
                        new CorruptDataException(
                                "the log of volume " + volume,
                                WalLocation.position(locations[i]),
                                "records are missing before LSN %d of epoch %d; segments hold %d"
                                        .formatted(lsn, epoch(i), committedLsn)));
            }
            covered = Math.max(covered, lsn);
        }
        return Optional.empty();
    }

    /** Adds a record, in the log's order; {@link #sort} comes last. */
    void add(DigestFormat.Entry record) {
        if (size == lsns.length) {
            grow();
        }
        lsns[size] = record.lsn();
        epochs[size] = (int) record.epoch();
        kinds[size] = (byte) (record.kind().wire() | (record.continues() ? CONTINUES : 0));
        lbas[size] = record.lba();
        sectors[size] = record.sectors();
        locations[size] = WalLocation.of(record.kind(), record.position(), record.sectors());
        payloadCrcs[size] = record.payloadCrc();
        size++;
    }

    private void grow() {
        int capacity = Math.addExact(size, Math.max(size >> 1, FIRST_CAPACITY));
        lsns = Arrays.copyOf(lsns, capacity);
        epochs = Arrays.copyOf(epochs, capacity);
        kinds = Arrays.copyOf(kinds, capacity);
        lbas = Arrays.copyOf(lbas, capacity);
        sectors = Arrays.copyOf(sectors, capacity);
        locations = Arrays.copyOf(locations, capacity);
        payloadCrcs = Arrays.copyOf(payloadCrcs, capacity);
    }

    /**
     * Sorts what was added in the log's order; of copies of a record the newest place stays. A
     * request that is not whole at the end of an epoch's records is dropped: it was cut off there
     * and never acknowledged, and the next epoch has used its LSNs again.
     */
    WalRecords sort() {
        order();
        if (hasCutOffRequest()) {
            arrange(wholeRequests());
        }
        return this;
    }

    /** As {@link #sort}, but drops nothing. */
    WalRecords order() {
        boolean sorted = true;
        for (int i = 1; i < size && sorted; i++) {
            sorted = compare(i - 1, i) < 0;
        }
        if (!sorted) {
            arrange(sortedIndexes());
        }
        return this;
    }

    private boolean isLastOfEpoch(int index) {
        return index + 1 == size || epochs[index + 1] != epochs[index];
    }

    private boolean hasCutOffRequest() {
        for (int i = 0; i < size; i++) {
            if (continues(i) && isLastOfEpoch(i)) {
                return true;
            }
        }
        return false;
    }

    /** Indexes without those at the end of an epoch's records that go on in none. */
    private int[] wholeRequests() {
        int[] kept = new int[size];
        int count = size;
        boolean isCutOff = false;
        for (int i = size - 1; i >= 0; i--) {
            isCutOff = continues(i) && (isLastOfEpoch(i) || isCutOff);
            if (!isCutOff) {
                kept[--count] = i;
            }
        }
        return Arrays.copyOfRange(kept, count, size);
    }

    private int compare(int left, int right) {
        int byEpoch = Integer.compareUnsigned(epochs[left], epochs[right]);
        return byEpoch != 0 ? byEpoch : Long.compare(lsns[left], lsns[right]);
    }

    /** A stable merge sort from the bottom up: few long runs are what a log is made of. */
    private int[] sortedIndexes() {
        int[] from = new int[size];
        for (int i = 0; i < size; i++) {
            from[i] = i;
        }
        int[] to = new int[size];
        for (long width = 1; width < size; width *= 2) {
            for (long start = 0; start < size; start += 2 * width) {
                int middle = (int) Math.min(start + width, size);
                int end = (int) Math.min(start + 2 * width, size);
                merge(from, to, (int) start, middle, end);
            }
            int[] swap = from;
            from = to;
            to = swap;
        }
        return from;
    }

    private void merge(int[] from, int[] to, int start, int middle, int end) {
        if (middle >= end || compare(from[middle - 1], from[middle]) <= 0) {
            System.arraycopy(from, start, to, start, end - start);
            return;
        }
        int left = start;
        int right = middle;
        for (int i = start; i < end; i++) {
            boolean takeLeft =
                    right >= end || (left < middle && compare(from[left], from[right]) <= 0);
            to[i] = takeLeft ? from[left++] : from[right++];
        }
    }

    private void arrange(int[] order) {
        WalRecords arranged = new WalRecords(volume);
        for (int index : order) {
            int last = arranged.size - 1;
            if (last >= 0
                    && arranged.epochs[last] == epochs[index]
                    && arranged.lsns[last] == lsns[index]) {
                arranged.replaceLast(this, index);
            } else {
                arranged.append(this, index);
            }
        }
        size = arranged.size;
        lsns = arranged.lsns;
        epochs = arranged.epochs;
        kinds = arranged.kinds;
        lbas = arranged.lbas;
        sectors = arranged.sectors;
        locations = arranged.locations;
        payloadCrcs = arranged.payloadCrcs;
        contradiction = arranged.contradiction;
    }

    private void append(WalRecords from, int index) {
        if (size == lsns.length) {
            grow();
        }
        lsns[size] = from.lsns[index];
        epochs[size] = from.epochs[index];
        kinds[size] = from.kinds[index];
        lbas[size] = from.lbas[index];
        sectors[size] = from.sectors[index];
        locations[size] = from.locations[index];
        payloadCrcs[size] = from.payloadCrcs[index];
        size++;
    }

    private void replaceLast(WalRecords from, int index) {
        int last = size - 1;
        boolean same =
                kinds[last] == from.kinds[index]
                        && lbas[last] == from.lbas[index]
                        && sectors[last] == from.sectors[index]
                        && payloadCrcs[last] == from.payloadCrcs[index];
        if (!same && contradiction == null) {
            contradiction =
                    new CorruptDataException(
                            "the log of volume " + volume,
                            WalLocation.position(from.locations[index]),
                            "LSN %d of epoch %d differs from its copy at position %d"
                                    .formatted(
                                            lsns[last],
                                            epoch(last),
                                            WalLocation.position(locations[last])));
        }
        size = last;
        append(from, index);
    }

    /** A record moved; under the append lock. */
    void relocate(long epoch, long lsn, long fromLocation, long toLocation) {
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = Integer.compareUnsigned(epochs[middle], (int) epoch);
            if (order == 0) {
                order = Long.compare(lsns[middle], lsn);
            }
            if (order == 0) {
                if (locations[middle] == fromLocation) {
                    locations[middle] = toLocation;
                }
                return;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
    }
}
