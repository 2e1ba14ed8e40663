package io.lsmbd.segment;

import io.lsmbd.format.CorruptFormatException;

/** What a segment is there for. */
public enum SegmentKind {
    /** Holds writes. */
    DATA(0),
    /** Holds nothing; takes a number, so that no older epoch's writer can have it. */
    FENCE(1);

    private final int wire;

    SegmentKind(int wire) {
        this.wire = wire;
    }

    int wire() {
        return wire;
    }

    static SegmentKind fromWire(int wire) throws CorruptFormatException {
        return switch (wire) {
            case 0 -> DATA;
            case 1 -> FENCE;
            default -> throw new CorruptFormatException("no such kind of segment: " + wire);
        };
    }
}
