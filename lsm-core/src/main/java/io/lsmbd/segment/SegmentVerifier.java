package io.lsmbd.segment;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.ByteRange;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads a whole segment and checks every byte of it. Blocks; one thread at a time. */
public final class SegmentVerifier {
    private static final int MAX_PROBLEMS = 100;

    /** Frames are read in groups of this many: at most 4 MiB. */
    private static final int GROUP = 64;

    private final ObjectStore store;
    private final SegmentReader reader;
    private final ByteBuffer plain = ByteBuffer.allocateDirect(SegmentFormat.FRAME_BYTES);

    public SegmentVerifier(ObjectStore store) {
        this.store = store;
        this.reader = new SegmentReader(store);
    }

    /** Damage is reported; any other failure to read is thrown. */
    public SegmentReport verify(ObjectKey key) throws StorageException {
        List<CorruptDataException> problems = new ArrayList<>();
        SegmentTables tables;
        try {
            tables = reader.readTables(key);
        } catch (CorruptDataException e) {
            return new SegmentReport(0, 0, List.of(e));
        }
        checkHeader(key, tables, problems);
        int sound = 0;
        int frames = tables.frames().count();
        for (int first = 0; first < frames; first += GROUP) {
            int last = Math.min(frames, first + GROUP) - 1;
            sound += verifyFrames(key, tables.frames(), new Group(first, last), problems);
        }
        return new SegmentReport(tables.objectBytes(), sound, problems);
    }

    private void checkHeader(
            ObjectKey key, SegmentTables tables, List<CorruptDataException> problems)
            throws StorageException {
        try {
            SegmentHeader header = reader.readHeader(key);
            if (!header.equals(tables.header())) {
                problems.add(
                        new CorruptDataException(
                                key.value(),
                                0,
                                "header and footer differ: " + header + ", " + tables.header()));
            }
        } catch (CorruptDataException e) {
            problems.add(e);
        }
    }

    private record Group(int first, int last) {}

    private int verifyFrames(
            ObjectKey key, FrameTable frames, Group group, List<CorruptDataException> problems)
            throws StorageException {
        ByteRange range = frames.range(group.first, group.last);
        ByteBuffer stored = ByteBuffer.allocate((int) range.length());
        store.read(key, range.offset(), stored);
        int sound = 0;
        for (int frame = group.first; frame <= group.last; frame++) {
            FrameEntry entry = frames.entry(frame);
            int from = (int) (entry.offset() - range.offset());
            try {
                FrameCodec.decode(
                        stored.slice(from, entry.storedBytes()), entry, plain.clear(), key.value());
                sound++;
            } catch (CorruptDataException e) {
                if (problems.size() < MAX_PROBLEMS) {
                    problems.add(e);
                }
            }
        }
        return sound;
    }
}
