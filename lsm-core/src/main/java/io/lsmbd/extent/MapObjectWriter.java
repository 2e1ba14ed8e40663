package io.lsmbd.extent;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.error.StorageException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes pieces into as many map objects as they need: memory is bounded by one object. Numbers
 * that are taken, by an attempt that failed or a writer that lost the volume, are passed over.
 */
final class MapObjectWriter {
    private static final int CHUNK_BYTES = 256 << 10;
    private static final int MAX_TAKEN_NUMBERS = 10_000;

    private final MapTree.Source source;
    private final long segment;
    private final long timeMillis;
    private final long objectBytes;
    private final List<ByteBuffer> chunks = new ArrayList<>();
    private long number;
    private long size;

    private MapObjectWriter(
            MapTree.Source source, long segment, long timeMillis, long objectBytes) {
        this.source = source;
        this.segment = segment;
        this.timeMillis = timeMillis;
        this.objectBytes = objectBytes;
    }

    /** Begins the object of the first free number from {@code firstNumber} on. */
    static MapObjectWriter begin(MapTree.Source source, MapFormat.Header first, long objectBytes)
            throws StorageException {
        MapObjectWriter writer =
                new MapObjectWriter(source, first.segment(), first.timeMillis(), objectBytes);
        writer.beginObject(first.number());
        return writer;
    }

    private void beginObject(long firstNumber) throws StorageException {
        number = firstFree(firstNumber);
        size = 0;
        chunks.clear();
        add(MapFormat.encode(new MapFormat.Header(source.volume(), number, segment, timeMillis)));
    }

    private long firstFree(long from) throws StorageException {
        for (long at = from; at < from + MAX_TAKEN_NUMBERS; at++) {
            try {
                source.store().info(source.keys().key(at));
            } catch (ObjectStoreException e) {
                if (e.isNotFound()) {
                    return at;
                }
                throw e;
            }
        }
        throw new ObjectStoreException(
                Outlook.FINAL,
                "%d map objects from %d on are taken".formatted(MAX_TAKEN_NUMBERS, from));
    }

    /** The number of the object that is being written. */
    long number() {
        return number;
    }

    /** Adds a piece, which ends with its checksum. */
    PieceRef append(byte[] piece) throws StorageException {
        if (size > MapFormat.HEADER_BYTES && size + piece.length > objectBytes) {
            store();
            beginObject(number + 1);
        }
        long crc = Integer.toUnsignedLong(MapFormat.storedCrc(ByteBuffer.wrap(piece)));
        PieceRef ref = new PieceRef(number, size, piece.length, crc);
        add(piece);
        return ref;
    }

    private void add(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        while (in.hasRemaining()) {
            if (chunks.isEmpty() || !chunks.getLast().hasRemaining()) {
                int wanted = chunks.isEmpty() ? CHUNK_BYTES / 16 : CHUNK_BYTES;
                chunks.add(ByteBuffer.allocate(Math.max(wanted, in.remaining())));
            }
            ByteBuffer out = chunks.getLast();
            int count = Math.min(in.remaining(), out.remaining());
            out.put(in.slice(in.position(), count));
            in.position(in.position() + count);
        }
        size += bytes.length;
    }

    /** Ends the last object. */
    void finish(byte[] footer) throws StorageException {
        add(footer);
        store();
        chunks.clear();
    }

    private void store() throws StorageException {
        ObjectKey key = source.keys().key(number);
        List<ByteBuffer> body = chunks.stream().map(chunk -> chunk.duplicate().flip()).toList();
        switch (source.store().put(key, body, new PutCondition.IfAbsent())) {
            case PutOutcome.Stored _ -> {}
            case PutOutcome.ConditionFailed _ -> expectOwn(key, body, "is taken");
            case PutOutcome.Unknown(String reason, var _) -> expectOwn(key, body, reason);
        }
    }

    /** After an answer that leaves it open whether our object is there: it is, or we begin anew. */
    private void expectOwn(ObjectKey key, List<ByteBuffer> body, String reason)
            throws StorageException {
        boolean isOwn;
        try {
            isOwn = source.store().info(key).sizeBytes() == size && hasSameBytes(key, body);
        } catch (ObjectStoreException e) {
            if (!e.isNotFound()) {
                throw e;
            }
            isOwn = false;
        }
        if (!isOwn) {
            throw new ObjectStoreException(
                    Outlook.RETRYABLE,
                    "map object %s is not stored: %s; begin again".formatted(key, reason));
        }
    }

    private boolean hasSameBytes(ObjectKey key, List<ByteBuffer> body) throws StorageException {
        long offset = 0;
        for (ByteBuffer chunk : body) {
            ByteBuffer there = ByteBuffer.allocate(chunk.remaining());
            source.store().read(key, offset, there);
            if (!there.rewind().equals(chunk.duplicate())) {
                return false;
            }
            offset += there.capacity();
        }
        return true;
    }
}
