package io.lsmbd.wal;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.Sectors;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads records by location, without a lock. The order that makes this safe: the recycler takes a
 * file out of the list before it changes anything; a reader looks at the list again after it has
 * read, and believes neither data nor damage of a file that is gone.
 */
final class WalReader {
    private static final int RECORD_BYTES =
            RecordFormat.HEADER_BYTES + WalLocation.MAX_RECORD_BYTES;
    private final WalAppender appender;
    private final LogFiles names;
    private final Pool<Scratch> scratches = new Pool<>(() -> Scratch.direct(RECORD_BYTES));

    WalReader(WalAppender appender, LogFiles names) {
        this.appender = appender;
        this.names = names;
    }

    /** See {@link Wal#read}. */
    boolean read(long location, int sectors, ByteBuffer into) throws StorageException {
        checkInside(location, sectors);
        WalFile file = fileOf(location);
        if (file == null) {
            return false;
        }
        Scratch scratch = scratches.take();
        try {
            ByteBuffer bytes = scratch.bytes();
            String problem = readRecord(file, location, scratch);
            if (problem != null) {
                return goneOrDamaged(location, file, problem);
            }
            if (fileOf(location) != file) {
                return false;
            }
            int from = RecordFormat.HEADER_BYTES + bytesOf(WalLocation.firstSector(location));
            into.put(bytes.limit(from + bytesOf(sectors)).position(from));
            return true;
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            return goneOrFailed(location, file, e);
        } finally {
            scratches.give(scratch);
        }
    }

    private static @Nullable String readRecord(WalFile file, long location, Scratch scratch)
            throws IOException {
        int payload = bytesOf(WalLocation.recordSectors(location));
        long position = WalLocation.position(location);
        ByteBuffer bytes = scratch.bytes().clear();
        bytes.limit(RecordFormat.HEADER_BYTES + payload);
        int count = file.io.read(file.offset(position), bytes);
        if (count < RecordFormat.HEADER_BYTES + payload) {
            return "the file ends inside the record";
        }
        String problem = headerProblem(file, location, scratch);
        if (problem == null
                && scratch.crc(RecordFormat.HEADER_BYTES, payload)
                        != RecordFormat.payloadCrc(bytes, 0)) {
            return "wrong checksum of the record's payload";
        }
        return problem;
    }

    private static @Nullable String headerProblem(WalFile file, long location, Scratch scratch) {
        long position = WalLocation.position(location);
        boolean valid =
                RecordFormat.isValid(
                        scratch,
                        0,
                        file.header.identityAt(position),
                        file.header.limit() - position);
        ByteBuffer bytes = scratch.bytes();
        if (!valid
                || RecordFormat.kind(bytes, 0) != WalKind.WRITE.wire()
                || RecordFormat.sectors(bytes, 0) != WalLocation.recordSectors(location)) {
            return "no record of %d sectors".formatted(WalLocation.recordSectors(location));
        }
        return null;
    }

    /** See {@link Wal#readPayload}. */
    boolean readPayload(long record, ByteBuffer into) throws StorageException {
        int payload = bytesOf(WalLocation.recordSectors(record));
        if (WalLocation.isHole(record)
                || WalLocation.firstSector(record) != 0
                || into.remaining() < payload) {
            throw new IllegalArgumentException(
                    "%s into %d bytes".formatted(WalLocation.describe(record), into.remaining()));
        }
        WalFile file = fileOf(record);
        if (file == null) {
            return false;
        }
        ByteBuffer target = into.slice(into.position(), payload);
        Scratch scratch = scratches.take();
        try {
            String problem = readDirectly(file, record, scratch, target);
            if (problem != null) {
                return goneOrDamaged(record, file, problem);
            }
            if (fileOf(record) != file) {
                return false;
            }
            into.position(into.position() + payload);
            return true;
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            return goneOrFailed(record, file, e);
        } finally {
            scratches.give(scratch);
        }
    }

    /** Reads and checks a WRITE record; returns what is wrong with it. */
    static @Nullable String readDirectly(
            WalFile file, long record, Scratch scratch, ByteBuffer target) throws IOException {
        long offset = file.offset(WalLocation.position(record));
        ByteBuffer header = scratch.bytes().clear().limit(RecordFormat.HEADER_BYTES);
        if (file.io.read(offset, header) < RecordFormat.HEADER_BYTES
                || file.io.read(offset + RecordFormat.HEADER_BYTES, target) < target.capacity()) {
            return "the file ends inside the record";
        }
        String problem = headerProblem(file, record, scratch);
        if (problem == null
                && scratch.crcOf(target.flip()) != RecordFormat.payloadCrc(scratch.bytes(), 0)) {
            return "wrong checksum of the record's payload";
        }
        return problem;
    }

    private boolean goneOrDamaged(long location, WalFile file, String problem)
            throws CorruptDataException {
        if (fileOf(location) != file) {
            return false;
        }
        throw new CorruptDataException(
                names.path(file.name), file.offset(WalLocation.position(location)), problem);
    }

    private boolean goneOrFailed(long location, WalFile file, IOException cause)
            throws StorageException {
        if (fileOf(location) != file) {
            return false;
        }
        throw new LocalStorageException(
                "reading %s at offset %d failed: %s"
                        .formatted(
                                names.path(file.name),
                                file.offset(WalLocation.position(location)),
                                cause),
                cause);
    }

    /** The file that holds the position, or null if it was recycled. */
    private @Nullable WalFile fileOf(long location) {
        long position = WalLocation.position(location);
        WalFile[] files = appender.tail().live();
        if (position < files[0].base()) {
            return null;
        }
        int low = 0;
        int high = files.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (files[middle].base() <= position) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        if (position >= files[low].header.limit()) {
            throw new IllegalArgumentException(
                    WalLocation.describe(location) + " was never in this log");
        }
        return files[low];
    }

    private static void checkInside(long location, int sectors) {
        if (WalLocation.isHole(location)
                || sectors < 1
                || WalLocation.firstSector(location) + sectors
                        > WalLocation.recordSectors(location)) {
            throw new IllegalArgumentException(
                    "%d sectors of %s".formatted(sectors, WalLocation.describe(location)));
        }
    }

    private static int bytesOf(int sectors) {
        return sectors << Sectors.SHIFT;
    }
}
