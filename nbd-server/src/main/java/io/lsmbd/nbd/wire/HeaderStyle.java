package io.lsmbd.nbd.wire;

/** Which of the two kinds of headers requests and chunks have; EXTENDED_HEADERS decides it. */
public enum HeaderStyle {
    /** Lengths have 32 bits. Only WRITE has a payload. */
    COMPACT(
            NbdConstants.REQUEST_MAGIC,
            NbdConstants.REQUEST_LENGTH,
            NbdConstants.CHUNK_HEADER_LENGTH),
    /** Lengths have 64 bits, a flag tells of a payload, chunks repeat their request's offset. */
    EXTENDED(
            NbdConstants.EXTENDED_REQUEST_MAGIC,
            NbdConstants.EXTENDED_HEADER_LENGTH,
            NbdConstants.EXTENDED_HEADER_LENGTH);

    private final int requestMagic;
    private final int requestLength;
    private final int chunkHeaderLength;

    HeaderStyle(int requestMagic, int requestLength, int chunkHeaderLength) {
        this.requestMagic = requestMagic;
        this.requestLength = requestLength;
        this.chunkHeaderLength = chunkHeaderLength;
    }

    int requestMagic() {
        return requestMagic;
    }

    /** Bytes of a request, without its payload. */
    public int requestLength() {
        return requestLength;
    }

    /** Bytes of a chunk, without its payload. */
    public int chunkHeaderLength() {
        return chunkHeaderLength;
    }
}
