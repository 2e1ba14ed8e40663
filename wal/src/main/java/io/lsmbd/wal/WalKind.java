package io.lsmbd.wal;

import io.lsmbd.format.CorruptFormatException;

/** What a record does to its range of sectors. */
public enum WalKind {
    /** Carries the range's new contents. */
    WRITE(1),
    /** The client no longer needs the range; it reads as zeroes. */
    TRIM(2),
    /** The client wrote zeroes. */
    ZERO(3);

    private final int wire;

    WalKind(int wire) {
        this.wire = wire;
    }

    /** The kind's code in the log. */
    public int wire() {
        return wire;
    }

    /** Whether the range reads as zeroes and the record has no payload. */
    public boolean isHole() {
        return this != WRITE;
    }

    /**
     * The kind of that code.
     *
     * @throws CorruptFormatException if there is none
     */
    public static WalKind fromWire(int wire) throws CorruptFormatException {
        return switch (wire) {
            case 1 -> WRITE;
            case 2 -> TRIM;
            case 3 -> ZERO;
            default -> throw new CorruptFormatException("no such record kind: " + wire);
        };
    }
}
