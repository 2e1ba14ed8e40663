package io.lsmbd.wal;

import java.nio.ByteBuffer;

/**
 * Several writes of one volume, each a request of its own, that are appended in one piece and in
 * this order. Indexes run from 0 to {@code size - 1}.
 */
public interface WalWrites {
    /** The most writes that one piece takes. */
    int MAX_WRITES = 64;

    /** The most payload that one piece takes. */
    int MAX_PAYLOAD_BYTES = 1 << 20;

    int size();

    /** Of write {@code index}, in sectors. */
    long lba(int index);

    /** Holds the payload of all writes: whole sectors each, in consecutive buffers. */
    ByteBuffer[] buffers();

    /** Index of the write's first buffer. */
    int firstBuffer(int index);

    /** How many buffers the write's payload has. */
    int bufferCount(int index);
}
