package io.lsmbd.wal;

import io.lsmbd.model.Sectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Records that one gathered write appends: several requests, or one, or a part of a large one.
 * Filled, checksums and all, before the append lock is taken; reused. One thread at a time.
 */
final class AppendGroup {
    /** Requests of one batch, and what a full group of large records needs besides. */
    static final int MAX_RECORDS = WalWrites.MAX_WRITES + 16;

    /** One lock hold writes at most this much, headers and all. */
    static final long MAX_BYTES =
            WalWrites.MAX_PAYLOAD_BYTES + (long) MAX_RECORDS * RecordFormat.HEADER_BYTES;

    private final ByteBuffer[] headers = new ByteBuffer[MAX_RECORDS];
    private final WalKind[] kinds = new WalKind[MAX_RECORDS];
    private final long[] lbas = new long[MAX_RECORDS];
    private final long[] sectors = new long[MAX_RECORDS];
    private final int[] flags = new int[MAX_RECORDS];

    /** Where a request begins: how many records it has, and sectors of payload; else 0. */
    private final int[] requestRecords = new int[MAX_RECORDS];

    private final long[] requestSectors = new long[MAX_RECORDS];
    private final CRC32C crc = new CRC32C();
    private @Nullable ByteBuffer[] vector = new ByteBuffer[4 * MAX_RECORDS];
    private int vectorSize;
    private int records;
    private long bytes;

    /** The request that is being taken apart. */
    private int recordsLeft;

    private int beginningRecords;
    private long beginningSectors;

    AppendGroup() {
        ByteBuffer all = ByteBuffer.allocateDirect(MAX_RECORDS * RecordFormat.HEADER_BYTES);
        for (int i = 0; i < MAX_RECORDS; i++) {
            headers[i] =
                    all.slice(i * RecordFormat.HEADER_BYTES, RecordFormat.HEADER_BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    /** Forgets the records, and the buffers of the caller. A request under way goes on. */
    void clear() {
        Arrays.fill(vector, 0, vectorSize, null);
        vectorSize = 0;
        records = 0;
        bytes = 0;
    }

    /** Forgets everything. */
    void release() {
        clear();
        recordsLeft = 0;
        beginningRecords = 0;
    }

    /** The records that come next are so many, and one request of the client's. */
    void beginRequest(int recordCount, long payloadSectors) {
        recordsLeft = recordCount;
        beginningRecords = recordCount;
        beginningSectors = payloadSectors;
    }

    /** Of a request with so many bytes of payload. */
    static int recordsOf(long payloadBytes) {
        long full = Math.ceilDiv(payloadBytes, WalLocation.MAX_RECORD_BYTES);
        return Math.toIntExact(Math.max(1, full));
    }

    /** What such a request takes in the log. */
    static long bytesOf(long payloadBytes) {
        return payloadBytes + (long) recordsOf(payloadBytes) * RecordFormat.HEADER_BYTES;
    }

    /** Whether records of the request that was begun are still to come. */
    boolean isUnfinished() {
        return recordsLeft > 0;
    }

    /** Whether the first record belongs to a request that an earlier group began. */
    boolean isContinuation() {
        return records > 0 && requestRecords[0] == 0;
    }

    /**
     * Adds records with what the source has left, as far as they fit.
     *
     * @param maxBytes of the group, headers and all
     */
    void addWrite(PayloadSource source, long maxBytes) {
        while (source.bytesLeft() > 0 && records < MAX_RECORDS) {
            int length = (int) Math.min(source.bytesLeft(), WalLocation.MAX_RECORD_BYTES);
            if (bytes + RecordFormat.HEADER_BYTES + length > maxBytes) {
                return;
            }
            ByteBuffer header = beginRecord(WalKind.WRITE, source.lba(), length >> Sectors.SHIFT);
            crc.reset();
            for (int taken = 0; taken < length; ) {
                ByteBuffer piece = source.next(length - taken);
                int position = piece.position();
                taken += piece.remaining();
                crc.update(piece);
                piece.position(position);
                push(piece);
            }
            RecordFormat.encodeContent(
                    header,
                    WalKind.WRITE.wire(),
                    lbas[records],
                    sectors[records],
                    (int) crc.getValue());
            source.advance(sectors[records]);
            endRecord(length);
        }
    }

    /** Adds a record without payload. */
    void addHole(WalKind hole, long lba, long sectorCount) {
        ByteBuffer header = beginRecord(hole, lba, sectorCount);
        RecordFormat.encodeContent(header, hole.wire(), lba, sectorCount, 0);
        endRecord(0);
    }

    private ByteBuffer beginRecord(WalKind kind, long lba, long sectorCount) {
        ByteBuffer header = headers[records];
        kinds[records] = kind;
        lbas[records] = lba;
        sectors[records] = sectorCount;
        requestRecords[records] = beginningRecords;
        requestSectors[records] = beginningSectors;
        beginningRecords = 0;
        push(header);
        return header;
    }

    private void endRecord(int payloadBytes) {
        recordsLeft--;
        flags[records] = recordsLeft > 0 ? RecordFormat.FLAG_CONTINUES : 0;
        bytes += RecordFormat.HEADER_BYTES + payloadBytes;
        records++;
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
                    headers[i],
                    flags[i] | owner.flags(),
                    owner.epoch(),
                    owner.volume(),
                    owner.lsn() + i);
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

    WalKind kind(int record) {
        return kinds[record];
    }

    long lba(int record) {
        return lbas[record];
    }

    long sectors(int record) {
        return sectors[record];
    }

    long length(int record) {
        return RecordFormat.length(kinds[record].wire(), sectors[record]);
    }

    /** Whether the record's request goes on in the next. */
    boolean continues(int record) {
        return flags[record] != 0;
    }

    /** How many records the request has that begins with this one; 0 if none begins here. */
    int requestRecords(int record) {
        return requestRecords[record];
    }

    /** Sectors of payload in the request that begins with this record. */
    long requestSectors(int record) {
        return requestSectors[record];
    }
}
