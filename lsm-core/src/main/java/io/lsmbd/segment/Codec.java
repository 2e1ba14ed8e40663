package io.lsmbd.segment;

import io.lsmbd.format.CorruptFormatException;

/** How a frame is stored. */
public enum Codec {
    NONE(0),
    LZ4(1),
    ZSTD(2);

    private final int wire;

    Codec(int wire) {
        this.wire = wire;
    }

    int wire() {
        return wire;
    }

    static Codec fromWire(int wire) throws CorruptFormatException {
        return switch (wire) {
            case 0 -> NONE;
            case 1 -> LZ4;
            case 2 -> ZSTD;
            default -> throw new CorruptFormatException("no such codec: " + wire);
        };
    }
}
