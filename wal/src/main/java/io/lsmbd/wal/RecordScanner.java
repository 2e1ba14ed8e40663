package io.lsmbd.wal;

import io.lsmbd.env.LogFile;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.model.Sectors;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Walks through the records of one file. Not thread-safe. */
final class RecordScanner {
    /** How much of a record is checked. */
    enum Check {
        HEADER,
        HEADER_AND_PAYLOAD
    }

    /** Why there is no next record. */
    enum Stop {
        /** Not stopped. */
        NONE,
        /** The limit, or an END record: the log goes on in the next file. */
        END,
        /** Something that is not a valid record of this file. */
        NOT_A_RECORD
    }

    private static final int WINDOW_BYTES = 4 << 20;

    private final LogFile io;
    private final FileHeader file;
    private final long limit;
    private final Check check;
    private final Scratch window;
    private long windowAt;
    private int windowBytes;
    private long position;
    private long next;
    private int at;
    private Stop stop = Stop.NONE;

    /** Memory for scanners, to be used by one at a time. */
    static Scratch newWindow(WalConfig config) {
        return Scratch.direct((int) Math.min(WINDOW_BYTES, config.fileSize().bytes()));
    }

    /**
     * @param limit position behind the last record: the end of the file unless better known
     */
    RecordScanner(LogFile io, FileHeader file, long limit, Check check, Scratch window) {
        this.io = io;
        this.file = file;
        this.limit = limit;
        this.check = check;
        this.window = window;
        this.windowAt = file.firstRecord();
        this.position = file.firstRecord() - RecordFormat.HEADER_BYTES;
        this.next = file.firstRecord();
    }

    /** Moves to the next record; false if there is none, see {@link #stop}. */
    boolean next() throws IOException {
        position = next;
        if (position == limit) {
            stop = Stop.END;
            return false;
        }
        if (!isValidHere(limit)) {
            stop = Stop.NOT_A_RECORD;
            return false;
        }
        if (RecordFormat.kind(window.bytes(), at) == RecordFormat.END_KIND) {
            stop = Stop.END;
            next = position + RecordFormat.HEADER_BYTES;
            return false;
        }
        next = position + length();
        return true;
    }

    private boolean isValidHere(long end) throws IOException {
        if (!load(RecordFormat.HEADER_BYTES) || !isHeaderValid()) {
            return false;
        }
        long length = length();
        if (position + length > end) {
            return false;
        }
        return check == Check.HEADER || length == RecordFormat.HEADER_BYTES || isPayloadValid();
    }

    private boolean isPayloadValid() throws IOException {
        int length = (int) length();
        if (!load(length)) {
            return false;
        }
        int payload = length - RecordFormat.HEADER_BYTES;
        return window.crc(at + RecordFormat.HEADER_BYTES, payload)
                == RecordFormat.payloadCrc(window.bytes(), at);
    }

    /** Bytes of header and payload. */
    long length() {
        ByteBuffer bytes = window.bytes();
        return RecordFormat.length(RecordFormat.kind(bytes, at), RecordFormat.sectors(bytes, at));
    }

    /** Makes so many bytes from {@code position} readable at index {@code at}. */
    private boolean load(int bytes) throws IOException {
        if (position < windowAt || position + bytes > windowAt + windowBytes) {
            windowAt = position;
            ByteBuffer into = window.bytes().clear();
            long left = file.limit() - position;
            into.limit((int) Math.min(Math.max(left, 0), into.capacity()));
            windowBytes = io.read(position - file.base(), into);
            into.clear();
        }
        at = (int) (position - windowAt);
        return at + bytes <= windowBytes;
    }

    /**
     * Moves to the next valid header anywhere behind where this is (a stop, or the beginning), at
     * any multiple of 64 bytes; false if there is none.
     */
    boolean nextAnywhere() throws IOException {
        stop = Stop.NOT_A_RECORD;
        for (position += RecordFormat.HEADER_BYTES;
                position + RecordFormat.HEADER_BYTES <= file.limit();
                position += RecordFormat.HEADER_BYTES) {
            if (!load(RecordFormat.HEADER_BYTES)) {
                return false;
            }
            long identity = file.identityAt(position);
            if (RecordFormat.looksValid(window.bytes(), at, identity)
                    && RecordFormat.isValid(window, at, identity, file.limit() - position)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the record that the scanner stopped at is known by its header, which is right. */
    boolean isKnownRecord() {
        return at + RecordFormat.HEADER_BYTES <= windowBytes
                && isHeaderValid()
                && !isEndRecord()
                && position + length() <= limit;
    }

    /**
     * After a stop at what is no record: makes {@link #next} go on behind it; false if there is
     * nothing valid before the limit.
     */
    boolean resume() throws IOException {
        if (isKnownRecord()) {
            next = position + length();
        } else if (nextAnywhere() && position < limit) {
            next = position;
        } else {
            return false;
        }
        stop = Stop.NONE;
        return true;
    }

    Stop stop() {
        return stop;
    }

    /** Of this record, or of where the records stopped. */
    long position() {
        return position;
    }

    /** Position behind this record, or behind the END record. */
    long end() {
        return next;
    }

    /** After a stop: bytes of what was begun here, as far as its header tells. */
    long tornBytes() {
        if (at + RecordFormat.HEADER_BYTES > windowBytes
                || !RecordFormat.looksValid(window.bytes(), at, file.identityAt(position))) {
            return 0;
        }
        return isHeaderValid() ? length() : RecordFormat.HEADER_BYTES;
    }

    private boolean isHeaderValid() {
        return RecordFormat.isValid(window, at, file.identityAt(position), file.limit() - position);
    }

    /** Whether the payload of a record found by its header is right as well. */
    boolean isIntact() throws IOException {
        return length() == RecordFormat.HEADER_BYTES || isPayloadValid();
    }

    /** What is wrong at {@link #position}, for messages. */
    String problem() {
        if (at + RecordFormat.HEADER_BYTES > windowBytes) {
            return "the file ends";
        }
        ByteBuffer bytes = window.bytes();
        if (!RecordFormat.looksValid(bytes, at, file.identityAt(position))) {
            return "no record of this file";
        }
        return isHeaderValid()
                ? "wrong checksum of the record's payload"
                : "wrong checksum of the record's header";
    }

    boolean isEndRecord() {
        return RecordFormat.kind(window.bytes(), at) == RecordFormat.END_KIND;
    }

    WalKind kind() {
        try {
            return WalKind.fromWire(RecordFormat.kind(window.bytes(), at));
        } catch (CorruptFormatException e) {
            throw new IllegalStateException("not at a record", e);
        }
    }

    long volume() {
        return RecordFormat.volume(window.bytes(), at);
    }

    /** Whether the next LSN's record belongs to the same request. */
    boolean continues() {
        return RecordFormat.continues(window.bytes(), at);
    }

    long epoch() {
        return RecordFormat.epoch(window.bytes(), at);
    }

    long lsn() {
        return RecordFormat.lsn(window.bytes(), at);
    }

    long lba() {
        return RecordFormat.lba(window.bytes(), at);
    }

    long sectors() {
        return RecordFormat.sectors(window.bytes(), at);
    }

    long synced() {
        return RecordFormat.synced(window.bytes(), at);
    }

    DigestFormat.Entry entry() {
        return new DigestFormat.Entry(
                kind(),
                position,
                volume(),
                epoch(),
                lsn(),
                lba(),
                sectors(),
                RecordFormat.payloadCrc(window.bytes(), at),
                continues());
    }

    long location() {
        return WalLocation.of(kind(), position, sectors());
    }

    /** The payload, if that was checked; valid until the next move. */
    ByteBuffer payload() {
        return window.bytes()
                .slice(at + RecordFormat.HEADER_BYTES, (int) (sectors() << Sectors.SHIFT));
    }
}
