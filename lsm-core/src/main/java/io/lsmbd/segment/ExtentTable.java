package io.lsmbd.segment;

import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.FormatReader;
import io.lsmbd.format.FormatWriter;
import io.lsmbd.model.SectorRange;
import io.lsmbd.model.Sectors;
import java.util.Arrays;

/** The extents of a segment in LBA order, none overlapping another. Immutable. */
public final class ExtentTable {
    private static final int OBJECT_HEADER_BYTES = 16;
    private static final int EXTENT_HEAP_BYTES = 2 * Long.BYTES + Integer.BYTES;

    /** The shortest extent: two varints of a byte each. */
    private static final int MIN_EXTENT_BYTES = 2;

    private static final int NO_ADDRESS = -1;

    private final long[] lbas;
    private final long[] sectors;

    /** Segment addresses; {@link #NO_ADDRESS} for holes. */
    private final int[] addresses;

    private final int dataSectors;

    private ExtentTable(long[] lbas, long[] sectors, int[] addresses, int dataSectors) {
        this.lbas = lbas;
        this.sectors = sectors;
        this.addresses = addresses;
        this.dataSectors = dataSectors;
    }

    public int count() {
        return lbas.length;
    }

    /** How many sectors all extents that are not holes have together. */
    public int dataSectors() {
        return dataSectors;
    }

    public long lba(int extent) {
        return lbas[extent];
    }

    public long sectors(int extent) {
        return sectors[extent];
    }

    public SectorRange range(int extent) {
        return new SectorRange(lbas[extent], sectors[extent]);
    }

    public boolean isHole(int extent) {
        return addresses[extent] == NO_ADDRESS;
    }

    /** The segment address of the extent's first sector; holes have none. */
    public int address(int extent) {
        if (isHole(extent)) {
            throw new IllegalArgumentException("extent " + extent + " is a hole");
        }
        return addresses[extent];
    }

    /** An estimate of the heap that this holds, for the weights of caches. */
    public int heapBytes() {
        return 5 * OBJECT_HEADER_BYTES + count() * EXTENT_HEAP_BYTES;
    }

    void write(FormatWriter out) {
        long end = 0;
        for (int i = 0; i < count(); i++) {
            out.varint(lbas[i] - end).varint(sectors[i] << 1 | (isHole(i) ? 1 : 0));
            end = lbas[i] + sectors[i];
        }
    }

    /** The count is below its cap already; here also below what so many bytes can hold. */
    static ExtentTable read(FormatReader in, int count, int dataSectors)
            throws CorruptFormatException {
        if (count > in.remaining() / MIN_EXTENT_BYTES) {
            throw new CorruptFormatException(
                    "%d extents in %d bytes".formatted(count, in.remaining()));
        }
        Builder table = new Builder(count);
        long end = 0;
        for (int i = 0; i < count; i++) {
            long skipped = in.varint();
            long flagged = in.varint();
            long sectors = flagged >>> 1;
            checkRange(i, end, skipped, sectors);
            long lba = end + skipped;
            if ((flagged & 1) == 1) {
                table.addHole(lba, sectors);
            } else {
                checkRoom(i, sectors, dataSectors - table.dataSectors);
                table.addData(lba, (int) sectors);
            }
            end = lba + sectors;
        }
        if (table.dataSectors != dataSectors) {
            throw new CorruptFormatException(
                    "extents of %d data sectors, not %d".formatted(table.dataSectors, dataSectors));
        }
        in.expectEnd();
        return table.build();
    }

    private static void checkRange(int extent, long end, long skipped, long sectors)
            throws CorruptFormatException {
        long left = Sectors.MAX_VOLUME_SECTORS - end;
        if (skipped < 0 || skipped > left || sectors < 1 || sectors > left - skipped) {
            throw new CorruptFormatException(
                    "extent %d: %s sectors, %s after LBA %d"
                            .formatted(
                                    extent,
                                    Long.toUnsignedString(sectors),
                                    Long.toUnsignedString(skipped),
                                    end));
        }
    }

    private static void checkRoom(int extent, long sectors, int room)
            throws CorruptFormatException {
        if (sectors > room) {
            throw new CorruptFormatException(
                    "extent %d of %d sectors, %d are left".formatted(extent, sectors, room));
        }
    }

    /** Takes extents in LBA order; what continues the one before it becomes part of that. */
    static final class Builder {
        private long[] lbas;
        private long[] sectors;
        private int[] addresses;
        private int count;
        private int dataSectors;

        Builder(int expected) {
            this.lbas = new long[expected];
            this.sectors = new long[expected];
            this.addresses = new int[expected];
        }

        int count() {
            return count;
        }

        int dataSectors() {
            return dataSectors;
        }

        long endLba() {
            return count == 0 ? 0 : lbas[count - 1] + sectors[count - 1];
        }

        /** Whether an extent at this LBA would begin where the last one, of that kind, ends. */
        private boolean continuesLast(long lba, boolean isHole) {
            return count > 0 && lba == endLba() && isHole == (addresses[count - 1] == NO_ADDRESS);
        }

        void addData(long lba, int added) {
            if (continuesLast(lba, false)) {
                sectors[count - 1] += added;
            } else {
                append(lba, added, dataSectors);
            }
            dataSectors += added;
        }

        void addHole(long lba, long added) {
            if (continuesLast(lba, true)) {
                sectors[count - 1] += added;
            } else {
                append(lba, added, NO_ADDRESS);
            }
        }

        private void append(long lba, long added, int address) {
            if (count == lbas.length) {
                int larger = Math.max(64, Math.multiplyExact(count, 2));
                lbas = Arrays.copyOf(lbas, larger);
                sectors = Arrays.copyOf(sectors, larger);
                addresses = Arrays.copyOf(addresses, larger);
            }
            lbas[count] = lba;
            sectors[count] = added;
            addresses[count] = address;
            count++;
        }

        void clear() {
            count = 0;
            dataSectors = 0;
        }

        ExtentTable build() {
            return new ExtentTable(
                    Arrays.copyOf(lbas, count),
                    Arrays.copyOf(sectors, count),
                    Arrays.copyOf(addresses, count),
                    dataSectors);
        }
    }
}
