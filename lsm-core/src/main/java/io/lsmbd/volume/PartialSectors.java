package io.lsmbd.volume;

import io.lsmbd.error.StorageException;
import io.lsmbd.model.Sectors;
import io.lsmbd.read.ReadPath;
import io.lsmbd.wal.index.ExtentList;
import io.lsmbd.wal.index.WalIndex;
import io.lsmbd.write.WritePath;
import java.nio.ByteBuffer;

/**
 * Access at byte alignment, for clients that never asked for the sector size: the sectors at the
 * edges are read, merged and written back, on condition that nobody wrote them in between. The
 * condition is checked under the log's append lock: a concurrent write of the other bytes of an
 * edge sector, acknowledged meanwhile, is never undone.
 */
final class PartialSectors {
    private final ReadPath reads;
    private final WritePath writes;
    private final WalIndex index;

    PartialSectors(ReadPath reads, WritePath writes, WalIndex index) {
        this.reads = reads;
        this.writes = writes;
        this.index = index;
    }

    /** No location of a record: position 0 is a file header. */
    private static final long UNMAPPED = 0;

    /** State of one sector: where its newest record is, and up to which segment the map is. */
    private record Version(long location, long mappedSegment) {}

    /**
     * The index first, then the map: a commit enters the map before it leaves the index, so a
     * record that came and left in between shows in the one or the other.
     */
    private Version version(long lba) {
        ExtentList found = new ExtentList();
        index.lookup(lba, 1, found);
        long location = found.isEmpty() ? UNMAPPED : found.location(0);
        return new Version(location, writes.mappedSegment());
    }

    /** Edge sectors first and last, each by itself; what lies between is an ordinary write. */
    void write(long offsetBytes, ByteBuffer[] payload, int count, long length)
            throws StorageException {
        ByteBuffer data = ByteBuffer.allocate(Math.toIntExact(length));
        for (int i = 0; i < count; i++) {
            data.put(payload[i]);
        }
        data.flip();
        long at = offsetBytes;
        int inSector = (int) (at % Sectors.BYTES);
        if (inSector > 0) {
            int head = Math.min(data.remaining(), Sectors.BYTES - inSector);
            merge(at >> Sectors.SHIFT, inSector, data.slice(0, head));
            data.position(head);
            at += head;
        }
        int whole = data.remaining() / Sectors.BYTES * Sectors.BYTES;
        if (whole > 0) {
            ByteBuffer[] middle = {data.slice(data.position(), whole)};
            writes.write(at >> Sectors.SHIFT, middle, 1, whole);
            data.position(data.position() + whole);
            at += whole;
        }
        if (data.hasRemaining()) {
            merge(at >> Sectors.SHIFT, 0, data);
        }
    }

    /** Puts {@code part} into one sector from byte {@code from} on. */
    private void merge(long lba, int from, ByteBuffer part) throws StorageException {
        ByteBuffer sector = ByteBuffer.allocate(Sectors.BYTES);
        ByteBuffer[] out = {sector};
        boolean written = false;
        while (!written) {
            Version before = version(lba);
            reads.read(lba, 1, sector.clear());
            sector.clear().put(from, part, part.position(), part.remaining());
            written = writes.writeIf(() -> version(lba).equals(before), lba, out, 1, Sectors.BYTES);
        }
    }

    void read(long offsetBytes, ByteBuffer into) throws StorageException {
        long lba = offsetBytes >> Sectors.SHIFT;
        long end = offsetBytes + into.remaining();
        int sectors = Math.toIntExact(((end - 1) >> Sectors.SHIFT) - lba + 1);
        ByteBuffer whole = ByteBuffer.allocate(sectors * Sectors.BYTES);
        reads.read(lba, sectors, whole);
        whole.position((int) (offsetBytes - (lba << Sectors.SHIFT)));
        whole.limit(whole.position() + into.remaining());
        into.put(whole);
    }
}
