package io.lsmbd.wal;

import io.lsmbd.model.Sectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Records that one gathered write appends. Filled, checksums and all, before the append lock is
 * taken; reused. One thread at a time.
 */
final class AppendGroup {
    /** One lock hold writes at most this many full records: 1 MiB. */
    static final int MAX_RECORDS = 16;

    private final ByteBuffer[] headers = new ByteBuffer[MAX_RECORDS];
    private final long[] sectors = new long[MAX_RECORDS];
    private final CRC32C crc = new CRC32C();
    private @Nullable ByteBuffer[] vector = new ByteBuffer[4 * MAX_RECORDS];
    private int vectorSize;
    private int records;
    private long bytes;
    private long lba;
    private WalKind kind = WalKind.WRITE;
    private int nextBuffer;

    AppendGroup() {
        ByteBuffer all = ByteBuffer.allocateDirect(MAX_RECORDS * RecordFormat.HEADER_BYTES);
        for (int i = 0; i < MAX_RECORDS; i++) {
            headers[i] =
                    all.slice(i * RecordFormat.HEADER_BYTES, RecordFormat.HEADER_BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    /** Begins a write: the next {@link #fill} takes from the first buffer. */
    void beginWrite() {
        nextBuffer = 0;
    }

    /**
     * Takes as many records as fit from the buffers, after what an earlier call took. A buffer that
     * one record holds whole is written from itself; others through views, and their positions are
     * moved here.
     */
    void fill(long firstLba, ByteBuffer[] payload, int count, int maxRecords) {
        reset(WalKind.WRITE, firstLba);
        while (records < maxRecords) {
            ByteBuffer header = headers[records];
            int headerAt = vectorSize;
            push(header);
            crc.reset();
            int taken = takePayload(payload, count);
            if (taken == 0) {
                vectorSize = headerAt;
                vector[headerAt] = null;
                break;
            }
            int recordSectors = taken >> Sectors.SHIFT;
            sectors[records] = recordSectors;
            RecordFormat.encodeContent(
                    header,
                    WalKind.WRITE.wire(),
                    firstLba + (bytes - (long) records * RecordFormat.HEADER_BYTES) / Sectors.BYTES,
                    recordSectors,
                    (int) crc.getValue());
            bytes += RecordFormat.HEADER_BYTES + taken;
            records++;
        }
    }

    private int takePayload(ByteBuffer[] payload, int count) {
        int taken = 0;
        while (taken < WalLocation.MAX_RECORD_BYTES && nextBuffer < count) {
            ByteBuffer buffer = payload[nextBuffer];
            int wanted = WalLocation.MAX_RECORD_BYTES - taken;
            int here = Math.min(wanted, buffer.remaining());
            ByteBuffer piece = buffer;
            if (here < buffer.remaining()) {
                piece = buffer.duplicate().limit(buffer.position() + here);
                buffer.position(buffer.position() + here);
            } else {
                nextBuffer++;
            }
            if (here > 0) {
                int position = piece.position();
                crc.update(piece);
                piece.position(position);
                push(piece);
                taken += here;
            }
        }
        return taken;
    }

    /** The group is one record without payload. */
    void fillHole(WalKind hole, long firstLba, long sectorCount) {
        reset(hole, firstLba);
        RecordFormat.encodeContent(headers[0], hole.wire(), firstLba, sectorCount, 0);
        push(headers[0]);
        sectors[0] = sectorCount;
        records = 1;
        bytes = RecordFormat.HEADER_BYTES;
    }

    private void reset(WalKind newKind, long firstLba) {
        release();
        kind = newKind;
        lba = firstLba;
        records = 0;
        bytes = 0;
    }

    /** Forgets the caller's buffers. */
    void release() {
        Arrays.fill(vector, 0, vectorSize, null);
        vectorSize = 0;
    }

    private void push(ByteBuffer buffer) {
        if (vectorSize == vector.length) {
            vector = Arrays.copyOf(vector, 2 * vectorSize);
        }
        vector[vectorSize++] = buffer;
    }

    /** Under the append lock: numbers the records and says where they are going to be. */
    void seal(FileHeader file, long position, long synced, Owner owner) {
        long at = position;
        for (int i = 0; i < records; i++) {
            RecordFormat.encodeOwner(
                    headers[i], owner.flags(), owner.epoch(), owner.volume(), owner.lsn() + i);
            RecordFormat.seal(headers[i], file.identityAt(at), synced, crc);
            at += length(i);
        }
    }

    // The vector is filled up to its size; only NullAway cannot see that.
    @SuppressWarnings("NullAway")
    ByteBuffer[] vector() {
        return vector;
    }

    int vectorSize() {
        return vectorSize;
    }

    int records() {
        return records;
    }

    long bytes() {
        return bytes;
    }

    WalKind kind() {
        return kind;
    }

    /** Of the first record; the next ones follow on. */
    long lba() {
        return lba;
    }

    long sectors(int record) {
        return sectors[record];
    }

    long length(int record) {
        return RecordFormat.length(kind.wire(), sectors[record]);
    }
}
