package io.lsmbd.wal;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.StorageException;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.model.VolumeId;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovery's reading part: finds the records and where the log ends, or that it is damaged. Changes
 * nothing on disk. See "Where the log ends" in the package's description.
 */
final class LogScan {
    private static final Logger log = LoggerFactory.getLogger(LogScan.class);

    final Map<Long, VolumeState> volumes = new HashMap<>();
    final Map<Long, WalRecords> records = new HashMap<>();
    final Map<Long, Long> dropped = new HashMap<>();
    private final LogChain chain;
    private final LogFiles names;
    private final WalDigests digests;
    private final Optional<SyncedFormat> hint;
    private final Scratch window;
    private final Watcher watcher;

    /** Sees every record that is found, in the log's order. */
    @FunctionalInterface
    interface Watcher {
        /** Returns whether {@link LogScan#records} is to hold it. */
        boolean found(DigestFormat.Entry record);
    }

    /** Index in the chain of the file in which the log ends. */
    int lastFile = -1;

    /** Position where the log ends; 0 if there is no file. */
    long end;

    /** Everything before this was known to be on disk. */
    long synced;

    /** Position behind the last trace of a record. */
    long lastTrace;

    /** What was found where the log ends, for messages. */
    String stop = "";

    long recordCount;
    int filesByDigest;
    boolean isCleanlyClosed;

    LogScan(
            LogChain chain,
            LogFiles names,
            WalDigests digests,
            Optional<SyncedFormat> hint,
            Scratch window) {
        this(chain, names, digests, hint, window, _ -> true);
    }

    LogScan(
            LogChain chain,
            LogFiles names,
            WalDigests digests,
            Optional<SyncedFormat> hint,
            Scratch window,
            Watcher watcher) {
        this.watcher = watcher;
        this.window = window;
        this.chain = chain;
        this.names = names;
        this.digests = digests;
        this.hint = hint;
    }

    void run() throws StorageException {
        hint.ifPresent(it -> synced = it.position());
        for (WalFile file : chain.files()) {
            synced = Math.max(synced, file.header.syncedPosition());
        }
        for (int i = 0; i < chain.files().size() && lastFile < 0; i++) {
            scanFile(i);
        }
        if (lastFile >= 0) {
            return;
        }
        if (!chain.files().isEmpty()) {
            WalFile last = chain.files().getLast();
            throw new CorruptDataException(
                    names.path(last.name),
                    last.offset(last.end()),
                    "the log goes on in a next file, which is missing");
        }
        if (synced > 0) {
            throw new CorruptDataException(
                    names.path(LogFiles.SYNCED_NAME),
                    0,
                    "all log files are missing, though the log was synced up to position "
                            + synced
                            + "; to accept the loss, delete this file");
        }
    }

    private void scanFile(int i) throws StorageException {
        WalFile file = chain.files().get(i);
        try {
            boolean goesOn = i + 1 < chain.files().size();
            if (goesOn && !chain.isCut(i) && readDigest(file)) {
                filesByDigest++;
                return;
            }
            RecordScanner scanner =
                    new RecordScanner(
                            file.io,
                            file.header,
                            chain.limit(i),
                            RecordScanner.Check.HEADER_AND_PAYLOAD,
                            window);
            while (scanner.next()) {
                add(file, scanner.entry());
                synced = Math.max(synced, scanner.synced());
            }
            file.endAt(scanner.end());
            boolean isEndRight = !chain.isCut(i) || scanner.position() == chain.limit(i);
            if (scanner.stop() == RecordScanner.Stop.END && isEndRight) {
                return;
            }
            if (chain.isCut(i)) {
                throw damaged(file, scanner, chain.limit(i), scanner.problem());
            }
            endsAt(i, scanner);
        } catch (IOException e) {
            throw LogFiles.failure("reading " + names.path(file.name), e);
        }
    }

    private void endsAt(int i, RecordScanner scanner) throws IOException {
        WalFile file = chain.files().get(i);
        lastFile = i;
        end = scanner.position();
        file.endAt(end);
        lastTrace = end + scanner.tornBytes();
        stop = scanner.problem();
        isCleanlyClosed =
                hint.isPresent()
                        && hint.get().state() == SyncedFormat.State.CLEANLY_CLOSED
                        && hint.get().position() == end
                        && hint.get().sequence() == file.header.sequence();
        if (!isCleanlyClosed) {
            lookBehind(scanner);
            for (WalFile later : chain.files().subList(i + 1, chain.files().size())) {
                lookBehind(
                        new RecordScanner(
                                later.io,
                                later.header,
                                later.header.limit(),
                                RecordScanner.Check.HEADER,
                                window));
            }
        }
        if (end < synced) {
            throw new CorruptDataException(
                    names.path(file.name),
                    file.offset(end),
                    "%s at position %d, though the log was synced up to position %d"
                            .formatted(stop, end, synced));
        }
    }

    /** What lies behind the end is dropped, but tells how far the log was synced. */
    private void lookBehind(RecordScanner scanner) throws IOException {
        while (scanner.nextAnywhere()) {
            synced = Math.max(synced, scanner.synced());
            lastTrace = Math.max(lastTrace, scanner.position() + RecordFormat.HEADER_BYTES);
            if (!scanner.isEndRecord() && scanner.isIntact()) {
                lastTrace = Math.max(lastTrace, scanner.position() + scanner.length());
                dropped.merge(scanner.volume(), 1L, Long::sum);
            }
        }
    }

    private CorruptDataException damaged(
            WalFile file, RecordScanner scanner, long limit, String problem) {
        return new CorruptDataException(
                names.path(file.name),
                file.offset(scanner.position()),
                "%s at position %d, though the file was recovered up to position %d before"
                        .formatted(problem, scanner.position(), limit));
    }

    private boolean readDigest(WalFile file) throws IOException {
        Optional<byte[]> stored = loadDigest(file);
        if (stored.isEmpty()) {
            return false;
        }
        try {
            DigestFormat digest = DigestFormat.decode(stored.get(), file.header);
            if (!endsWhereDigestSays(file, digest.end())) {
                return false;
            }
            digest.entries().forEach(entry -> add(file, entry));
            synced = Math.max(synced, digest.highestSynced());
            file.endAt(digest.end());
            file.isDigested = true;
            return true;
        } catch (CorruptFormatException e) {
            log.warn("wal digest is useless, reading the file name={}", file.name, e);
            return false;
        }
    }

    private Optional<byte[]> loadDigest(WalFile file) {
        try {
            return digests.load(file.header.uuid());
        } catch (StorageException e) {
            log.warn("wal digest cannot be loaded, reading the file name={}", file.name, e);
            return Optional.empty();
        }
    }

    private boolean endsWhereDigestSays(WalFile file, long digestEnd) throws IOException {
        long position = digestEnd - RecordFormat.HEADER_BYTES;
        Scratch header = Scratch.onHeap(RecordFormat.HEADER_BYTES);
        return file.io.read(file.offset(position), header.bytes()) == RecordFormat.HEADER_BYTES
                && RecordFormat.isValid(
                        header, 0, file.header.identityAt(position), file.header.limit() - position)
                && RecordFormat.kind(header.bytes(), 0) == RecordFormat.END_KIND;
    }

    private void add(WalFile file, DigestFormat.Entry record) {
        VolumeState volume =
                volumes.computeIfAbsent(record.volume(), id -> new VolumeState(new VolumeId(id)));
        file.count(file.use(volume), record.epoch(), record.lsn(), record.length());
        recordCount++;
        if (!watcher.found(record)) {
            return;
        }
        WalRecords columns =
                records.computeIfAbsent(record.volume(), _ -> new WalRecords(volume.id));
        volume.recovered = columns;
        columns.add(record);
    }
}
