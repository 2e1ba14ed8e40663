package io.lsmbd.wal;

/**
 * One long that leads to a sector in the log, or says that it is a hole.
 *
 * <pre>
 * bit  63      hole: a TRIM or ZERO record; bits 0 to 13 are 0
 * bits 14..62  position of the record's header in the log, divided by 64
 * bits 7..13   sectors of the record's payload, minus 1
 * bits 0..6    index of the sector inside the payload
 * </pre>
 *
 * So {@code location + k} leads to the k-th following sector of the same record. Positions are
 * never used twice in a log's life, which is 32 PiB of appended bytes.
 */
public final class WalLocation {
    /** Sectors that one WRITE record holds at most. */
    public static final int MAX_RECORD_SECTORS = 128;

    static final int MAX_RECORD_BYTES = MAX_RECORD_SECTORS * 512;
    static final int ALIGNMENT = 64;

    private static final int SECTOR_BITS = 7;
    private static final int POSITION_SHIFT = 2 * SECTOR_BITS;
    private static final int ALIGNMENT_SHIFT = 6;
    private static final long SECTOR_MASK = (1L << SECTOR_BITS) - 1;
    private static final long HOLE = Long.MIN_VALUE;

    /** Positions lie below this. */
    static final long END_OF_LIFE = 1L << (63 - POSITION_SHIFT + ALIGNMENT_SHIFT);

    static {
        if (1 << SECTOR_BITS != MAX_RECORD_SECTORS || 1 << ALIGNMENT_SHIFT != ALIGNMENT) {
            throw new AssertionError("location fields do not fit the record");
        }
    }

    private WalLocation() {}

    /** The first sector of a WRITE record of so many sectors (1 to 128). */
    public static long ofWrite(long position, int recordSectors) {
        if (recordSectors < 1 || recordSectors > MAX_RECORD_SECTORS) {
            throw new IllegalArgumentException("record of " + recordSectors + " sectors");
        }
        return packed(position) | (long) (recordSectors - 1) << SECTOR_BITS;
    }

    /** Any sector of a TRIM or ZERO record. */
    public static long ofHole(long position) {
        return packed(position) | HOLE;
    }

    static long of(WalKind kind, long position, long sectors) {
        return kind.isHole() ? ofHole(position) : ofWrite(position, Math.toIntExact(sectors));
    }

    private static long packed(long position) {
        if (position < 0 || position >= END_OF_LIFE || (position & (ALIGNMENT - 1)) != 0) {
            throw new IllegalArgumentException("no record can be at position " + position);
        }
        return position >>> ALIGNMENT_SHIFT << POSITION_SHIFT;
    }

    /** Whether the sector reads as zeroes and there is nothing to read in the log. */
    public static boolean isHole(long location) {
        return location < 0;
    }

    /** Where the record's header is in the log, in bytes. */
    public static long position(long location) {
        return (location & ~HOLE) >>> POSITION_SHIFT << ALIGNMENT_SHIFT;
    }

    /** Sectors of the whole WRITE record; meaningless for a hole. */
    public static int recordSectors(long location) {
        return (int) (location >>> SECTOR_BITS & SECTOR_MASK) + 1;
    }

    /** Index of the sector in its WRITE record; 0 for a hole. */
    public static int firstSector(long location) {
        return (int) (location & SECTOR_MASK);
    }

    /** The location so many sectors further; a hole's is the same everywhere. */
    public static long advance(long location, long sectors) {
        if (isHole(location)) {
            return location;
        }
        if (sectors < 0 || firstSector(location) + sectors >= recordSectors(location)) {
            throw new IllegalArgumentException(
                    "%d sectors past %s leave its record".formatted(sectors, describe(location)));
        }
        return location + sectors;
    }

    /** The location of the record's first sector: what all its locations have in common. */
    public static long record(long location) {
        return location & ~SECTOR_MASK;
    }

    /** For messages. */
    public static String describe(long location) {
        return isHole(location)
                ? "hole@" + position(location)
                : "%d+%d/%d"
                        .formatted(
                                position(location), firstSector(location), recordSectors(location));
    }
}
