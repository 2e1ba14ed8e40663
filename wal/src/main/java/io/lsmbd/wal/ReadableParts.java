package io.lsmbd.wal;

import io.lsmbd.env.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file on a disk that has gone bad in places: what cannot be read reads as zeroes, in pieces of 4
 * KiB, so that checksums find it and the rest is still had. For reading only.
 */
final class ReadableParts implements LogFile {
    private static final int PIECE_BYTES = 4096;
    private final LogFile file;

    ReadableParts(LogFile file) {
        this.file = file;
    }

    @Override
    public String name() {
        return file.name();
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public int read(long position, ByteBuffer into) throws IOException {
        int start = into.position();
        try {
            return file.read(position, into);
        } catch (IOException _) {
            into.position(start);
            return readPieces(position, into);
        }
    }

    private int readPieces(long position, ByteBuffer into) throws IOException {
        int wanted = (int) Math.min(into.remaining(), Math.max(0, file.size() - position));
        int start = into.position();
        for (int done = 0; done < wanted; ) {
            long at = position + done;
            int bytes = (int) Math.min(wanted - done, PIECE_BYTES - at % PIECE_BYTES);
            ByteBuffer piece = into.slice(start + done, bytes);
            try {
                file.read(at, piece);
            } catch (IOException _) {
                piece.clear().put(new byte[bytes]);
            }
            done += bytes;
        }
        into.position(start + wanted);
        return wanted;
    }

    @Override
    public void write(long position, ByteBuffer[] buffers, int count) throws IOException {
        throw readOnly();
    }

    @Override
    public void sync() throws IOException {
        throw readOnly();
    }

    @Override
    public void preallocate(long bytes) throws IOException {
        throw readOnly();
    }

    private IOException readOnly() {
        return new IOException(name() + " is open for reading only");
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
