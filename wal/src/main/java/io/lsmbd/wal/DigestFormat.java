package io.lsmbd.wal;

import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.Crc32c;
import io.lsmbd.format.FormatReader;
import io.lsmbd.format.FormatWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What the record headers of a full file say, version 2, little-endian, numbers marked v of
 * variable length.
 *
 * <pre>
 * u32 magic 0x4457424c "LBWD" · u16 version 2 · u64 u64 uuid · u64 base · u64 end
 * u64 highest synced position in the records · v count
 * per record: u8 kind, plus 0x80 if the request goes on in the next LSN's · v epoch · u64 volume
 *     · v lsn · v lba · v sectors · u32 payload crc
 * u32 CRC-32C of everything before
 * </pre>
 *
 * <p>{@code end} is the position behind the file's END record. Record positions follow from their
 * lengths. Usable if and only if magic, version, CRC, uuid and base are right and the lengths add
 * up to the end; otherwise the file itself is read.
 *
 * @param highestSynced the highest known synced position in the records
 */
record DigestFormat(UUID uuid, long base, long end, long highestSynced, List<Entry> entries) {
    private static final int MAGIC = 0x4457424c;
    private static final int VERSION = 2;
    private static final int CONTINUES = 0x80;

    /** One record. */
    record Entry(
            WalKind kind,
            long position,
            long volume,
            long epoch,
            long lsn,
            long lba,
            long sectors,
            int payloadCrc,
            boolean continues) {
        long length() {
            return RecordFormat.length(kind.wire(), sectors);
        }
    }

    byte[] encode() {
        FormatWriter out = new FormatWriter(64 + 32 * entries.size());
        out.u32(MAGIC).u16(VERSION);
        out.u64(uuid.getMostSignificantBits()).u64(uuid.getLeastSignificantBits());
        out.u64(base).u64(end).u64(highestSynced).varint(entries.size());
        for (Entry entry : entries) {
            int kind = entry.kind.wire() | (entry.continues ? CONTINUES : 0);
            out.u8(kind).varint(entry.epoch).u64(entry.volume).varint(entry.lsn);
            out.varint(entry.lba).varint(entry.sectors).u32(entry.payloadCrc);
        }
        return out.crcSince(0).toBytes();
    }

    /** Reads the digest of that file. */
    static DigestFormat decode(byte[] bytes, FileHeader file) throws CorruptFormatException {
        int content = bytes.length - Integer.BYTES;
        if (content < 0) {
            throw new CorruptFormatException("a digest of " + bytes.length + " bytes");
        }
        FormatReader tail = new FormatReader(ByteBuffer.wrap(bytes, content, Integer.BYTES));
        if (tail.u32() != Crc32c.of(ByteBuffer.wrap(bytes), 0, content)) {
            throw new CorruptFormatException("wrong checksum of a digest");
        }
        FormatReader in = new FormatReader(ByteBuffer.wrap(bytes, 0, content));
        in.expectMagic(MAGIC);
        int version = in.u16();
        UUID uuid = new UUID(in.u64(), in.u64());
        long base = in.u64();
        long end = in.u64();
        if (version != VERSION || !uuid.equals(file.uuid()) || base != file.base()) {
            throw new CorruptFormatException("the digest of another file or version");
        }
        long highestSynced = in.u64();
        int count = in.count(file.size() / RecordFormat.HEADER_BYTES);
        List<Entry> entries = new ArrayList<>(count);
        long position = file.firstRecord();
        for (int i = 0; i < count; i++) {
            Entry entry = entry(in, position);
            entries.add(entry);
            position += entry.length();
        }
        in.expectEnd();
        if (position + RecordFormat.HEADER_BYTES != end || end > file.limit()) {
            throw new CorruptFormatException("a digest whose records end at " + position);
        }
        return new DigestFormat(uuid, base, end, highestSynced, entries);
    }

    private static Entry entry(FormatReader in, long position) throws CorruptFormatException {
        int kindByte = in.u8();
        WalKind kind = WalKind.fromWire(kindByte & ~CONTINUES);
        boolean continues = (kindByte & CONTINUES) != 0;
        long epoch = in.varint();
        long volume = in.u64();
        long lsn = in.varint();
        long lba = in.varint();
        long sectors = in.varint();
        int payloadCrc = in.u32();
        if (sectors <= 0 || (!kind.isHole() && sectors > WalLocation.MAX_RECORD_SECTORS)) {
            throw new CorruptFormatException("a record of %d sectors".formatted(sectors));
        }
        return new Entry(kind, position, volume, epoch, lsn, lba, sectors, payloadCrc, continues);
    }
}
