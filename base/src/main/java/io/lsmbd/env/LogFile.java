package io.lsmbd.env;

import java.io.IOException;
import java.nio.ByteBuffer;

/** One open file of a {@link LogDirectory}. Thread-safe; positions are bytes. */
public interface LogFile extends AutoCloseable {
    String name();

    long size() throws IOException;

    /** Writes all remaining bytes of all buffers, in one gathered system call where possible. */
    void write(long position, ByteBuffer[] buffers, int count) throws IOException;

    default void write(long position, ByteBuffer buffer) throws IOException {
        write(position, new ByteBuffer[] {buffer}, 1);
    }

    /** Fills the buffer unless the file ends first; returns the number of bytes read (0 at end). */
    int read(long position, ByteBuffer into) throws IOException;

    /** Makes written content, and the size that holds it, survive a power loss: fdatasync. */
    void sync() throws IOException;

    /** Gives the file its size with real zeroed blocks on disk (not sparse), and syncs them. */
    void preallocate(long bytes) throws IOException;

    @Override
    void close() throws IOException;
}
