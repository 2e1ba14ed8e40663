package io.lsmbd.volume;

import io.lsmbd.error.StorageException;
import io.lsmbd.model.Sectors;
import io.lsmbd.read.Holes;
import io.lsmbd.read.ReadPath;
import io.lsmbd.wal.UnalignedZeroes;
import io.lsmbd.wal.index.ExtentList;
import io.lsmbd.wal.index.WalIndex;
import io.lsmbd.write.WritePath;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

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

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

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

    /** What of a range lies in whole sectors, and where it ends within one. */
    private record Edges(long firstLba, int headBytes, long endLba, int tailBytes) {
        static Edges of(long offsetBytes, long length) {
            long end = offsetBytes + length;
            return new Edges(
                    offsetBytes >> Sectors.SHIFT,
                    (int) (offsetBytes % Sectors.BYTES),
                    (end + Sectors.BYTES - 1) >> Sectors.SHIFT,
                    (int) (end % Sectors.BYTES));
        }

        /** The sectors that are covered in part: none, one or two. */
        long lastLba() {
            return endLba - 1;
        }

        boolean isHeadPartial() {
            return headBytes > 0 || (tailBytes > 0 && endLba - firstLba == 1);
        }

        boolean isTailPartial() {
            return tailBytes > 0 && endLba - firstLba > 1;
        }
    }

    /**
     * The edge sectors' other bytes are put in front of and behind the payload, which is not
     * copied; all of it is one request.
     */
    void write(long offsetBytes, ByteBuffer[] payload, int count, long length)
            throws StorageException {
        Edges edges = Edges.of(offsetBytes, length);
        int bytes = Math.toIntExact((edges.endLba - edges.firstLba) << Sectors.SHIFT);
        ByteBuffer[] whole = new ByteBuffer[count + 2];
        boolean written = false;
        while (!written) {
            Version head = version(edges.firstLba);
            Version tail = version(edges.lastLba());
            ByteBuffer first = edges.isHeadPartial() ? sector(edges.firstLba) : NOTHING;
            ByteBuffer last = edges.isTailPartial() ? sector(edges.lastLba()) : first;
            whole[0] = first.slice(0, edges.headBytes);
            for (int i = 0; i < count; i++) {
                whole[i + 1] = payload[i].duplicate();
            }
            whole[count + 1] =
                    edges.tailBytes == 0
                            ? NOTHING
                            : last.slice(edges.tailBytes, Sectors.BYTES - edges.tailBytes);
            written =
                    writes.writeIf(
                            () -> isUnchanged(edges, head, tail),
                            edges.firstLba,
                            whole,
                            whole.length,
                            bytes);
        }
        for (int i = 0; i < count; i++) {
            payload[i].position(payload[i].limit());
        }
    }

    private boolean isUnchanged(Edges edges, Version head, Version tail) {
        return (!edges.isHeadPartial() || version(edges.firstLba).equals(head))
                && (!edges.isTailPartial() || version(edges.lastLba()).equals(tail));
    }

    /** Of a write that has begun, which waits whoever has gone. */
    private ByteBuffer sector(long lba) throws StorageException {
        return sector(lba, () -> true);
    }

    private ByteBuffer sector(long lba, BooleanSupplier isWanted) throws StorageException {
        ByteBuffer sector = ByteBuffer.allocate(Sectors.BYTES);
        reads.read(lba, 1, sector, Holes.unwanted(), isWanted);
        return sector.clear();
    }

    /** Zeroes: a hole, with data in the edge sectors; all of it is one request. */
    void writeZeroes(long offsetBytes, long length) throws StorageException {
        Edges edges = Edges.of(offsetBytes, length);
        boolean written = false;
        while (!written) {
            Version head = version(edges.firstLba);
            Version tail = version(edges.lastLba());
            ByteBuffer first = null;
            ByteBuffer last = null;
            if (edges.isHeadPartial()) {
                first = sector(edges.firstLba);
                boolean isAll = edges.endLba - edges.firstLba == 1 && edges.tailBytes > 0;
                zero(first, edges.headBytes, isAll ? edges.tailBytes : Sectors.BYTES);
            }
            if (edges.isTailPartial()) {
                last = sector(edges.lastLba());
                zero(last, 0, edges.tailBytes);
            }
            long lba = edges.firstLba + (first == null ? 0 : 1);
            long end = edges.endLba - (last == null ? 0 : 1);
            written =
                    writes.writeZeroesIf(
                            () -> isUnchanged(edges, head, tail),
                            new UnalignedZeroes(lba, end - lba, first, last));
        }
    }

    private static void zero(ByteBuffer sector, int from, int to) {
        for (int i = from; i < to; i++) {
            sector.put(i, (byte) 0);
        }
    }

    /**
     * Only the edge sectors are read elsewhere and copied. When it throws, the bytes before the
     * position of {@code into} are right.
     */
    void read(long offsetBytes, ByteBuffer into, BooleanSupplier isWanted) throws StorageException {
        Edges edges = Edges.of(offsetBytes, into.remaining());
        long lba = edges.firstLba;
        if (edges.isHeadPartial()) {
            readPart(lba, edges.headBytes, into, isWanted);
            lba++;
        }
        int sectors = into.remaining() >> Sectors.SHIFT;
        if (sectors > 0) {
            int limit = into.limit();
            into.limit(into.position() + sectors * Sectors.BYTES);
            try {
                reads.read(lba, sectors, into, Holes.unwanted(), isWanted);
            } finally {
                into.limit(limit);
            }
            lba += sectors;
        }
        if (into.hasRemaining()) {
            readPart(lba, 0, into, isWanted);
        }
    }

    /** What {@code into} has room for, of a sector from some byte on. */
    private void readPart(long lba, int from, ByteBuffer into, BooleanSupplier isWanted)
            throws StorageException {
        ByteBuffer sector = sector(lba, isWanted);
        into.put(sector.slice(from, Math.min(Sectors.BYTES - from, into.remaining())));
    }
}
