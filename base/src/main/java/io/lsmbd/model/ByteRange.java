package io.lsmbd.model;

/** A run of bytes in an object or file: {@code [offset, offset + length)}; may be empty. */
public record ByteRange(long offset, long length) {
    public ByteRange {
        if (offset < 0 || length < 0 || offset > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException(
                    "no such range: offset=" + offset + " length=" + length);
        }
    }

    public long end() {
        return offset + length;
    }
}
