package io.lsmbd.segment;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.segment.SegmentFormat.Footer;
import io.lsmbd.segment.SegmentTables.Place;
import java.nio.ByteBuffer;

/**
 * Reads segments from a store; blocks, holds nothing, any thread. What it returns passed all of its
 * checks; else it throws {@link CorruptDataException} with key and offset. {@link
 * ObjectStoreException} passes through, also for a segment that is absent.
 */
public final class SegmentReader {
    /** Tables of that length and less, which is nearly all of them, come with one GET. */
    private static final int TAIL_GUESS_BYTES = 256 << 10;

    private final ObjectStore store;

    public SegmentReader(ObjectStore store) {
        this.store = store;
    }

    /** The first bytes only: who wrote the object at this key. */
    public SegmentHeader readHeader(ObjectKey key) throws StorageException {
        checkSize(key, store.info(key).sizeBytes());
        ByteBuffer bytes = read(key, 0, SegmentFormat.HEADER_BYTES);
        try {
            return checkKey(key, SegmentFormat.decodeHeader(bytes));
        } catch (CorruptFormatException e) {
            throw new CorruptDataException(key.value(), 0, e);
        }
    }

    /** Everything but the data, from the object's end. */
    public SegmentTables readTables(ObjectKey key) throws StorageException {
        long size = checkSize(key, store.info(key).sizeBytes());
        int guess = (int) Math.min(size, TAIL_GUESS_BYTES);
        long from = size - guess;
        ByteBuffer tail = read(key, from, guess);
        Footer footer = SegmentTables.footerOf(tail, new Place(key.value(), from));
        if (footer.layout().objectBytes() != size) {
            throw new CorruptDataException(
                    key.value(),
                    size,
                    "the object ends here, not at " + footer.layout().objectBytes());
        }
        checkKey(key, footer.header());
        int wanted = footer.layout().tailBytes();
        if (wanted > guess) {
            ByteBuffer all = ByteBuffer.allocate(wanted);
            store.read(key, size - wanted, all.limit(wanted - guess));
            tail = all.limit(wanted).put(tail).flip();
            from = size - wanted;
        } else {
            tail.position(guess - wanted);
        }
        return SegmentTables.ofTail(footer, tail, new Place(key.value(), from));
    }

    /** One frame's data into a buffer with room for it, which is moved by the frame's length. */
    public void readFrame(ObjectKey key, FrameEntry entry, ByteBuffer into)
            throws StorageException {
        ByteBuffer stored = read(key, entry.offset(), entry.storedBytes());
        FrameCodec.decode(stored, entry, into, key.value());
    }

    private ByteBuffer read(ObjectKey key, long offset, int length) throws ObjectStoreException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        store.read(key, offset, bytes);
        return bytes.flip();
    }

    private static long checkSize(ObjectKey key, long size) throws CorruptDataException {
        if (size < SegmentFormat.MIN_OBJECT_BYTES || size > SegmentFormat.MAX_OBJECT_BYTES) {
            throw new CorruptDataException(
                    key.value(),
                    size,
                    "no segment has %d bytes, but %d to %d"
                            .formatted(
                                    size,
                                    SegmentFormat.MIN_OBJECT_BYTES,
                                    SegmentFormat.MAX_OBJECT_BYTES));
        }
        return size;
    }

    /** A sound segment at another one's key would be other data at the same addresses. */
    private static SegmentHeader checkKey(ObjectKey key, SegmentHeader header)
            throws CorruptDataException {
        SegmentIdentity identity = header.identity();
        ObjectKey own = ObjectKey.segment(identity.volumeId(), identity.number());
        if (!own.equals(key)) {
            throw new CorruptDataException(
                    key.value(), 0, "it is a segment of another place, " + own);
        }
        return header;
    }
}
