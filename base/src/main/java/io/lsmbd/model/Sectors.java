package io.lsmbd.model;

/** The unit of a volume: 512 bytes. An LBA is the index of a sector, never a byte offset. */
public final class Sectors {
    public static final int BYTES = 512;
    public static final int SHIFT = 9;

    /** The largest volume: 1 PiB. */
    public static final long MAX_VOLUME_SECTORS = 1L << (50 - SHIFT);

    private Sectors() {}

    public static long toBytes(long sectors) {
        return Math.multiplyExact(sectors, BYTES);
    }

    public static boolean isAligned(long bytes) {
        return (bytes & (BYTES - 1)) == 0;
    }
}
