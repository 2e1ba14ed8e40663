package io.lsmbd.objectstore.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Moves bytes between buffers and files. Heap buffers go in pieces: the JDK copies each through a
 * direct buffer as large as the piece, and keeps that for the thread's lifetime.
 */
final class FileBytes {
    private static final int PIECE = 1 << 20;

    private FileBytes() {}

    /** Like {@link FileChannel#read(ByteBuffer, long)}. */
    static int readSome(FileChannel channel, long offset, ByteBuffer into) throws IOException {
        if (into.isDirect() || into.remaining() <= PIECE) {
            return channel.read(into, offset);
        }
        int limit = into.limit();
        into.limit(into.position() + PIECE);
        try {
            return channel.read(into, offset);
        } finally {
            into.limit(limit);
        }
    }

    /** Appends all remaining bytes; the caller's position stays. */
    static void write(FileChannel channel, ByteBuffer body) throws IOException {
        ByteBuffer rest = body.duplicate();
        int end = rest.limit();
        while (rest.position() < end) {
            if (!rest.isDirect()) {
                rest.limit(Math.min(end, rest.position() + PIECE));
            }
            int written = channel.write(rest);
            assert written >= 0;
        }
    }
}
