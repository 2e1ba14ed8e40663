package io.lsmbd.wal;

import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps files ready for the tail and takes those that nothing needs from the head. A disk that is
 * full is tried again, appends waiting meanwhile; a directory in an unknown state fails the log.
 */
final class WalRecycler {
    private static final Logger log = LoggerFactory.getLogger(WalRecycler.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final LogState state;
    private final WalAppender appender;
    private final LogFiles files;
    private final WalDigests digests;
    private final WalMetrics metrics;
    private final WalConfig config;
    private final Scratch window;
    private final Consumer<SyncListener> sync;
    private boolean isDiskFull; // of the one that runs runOnce
    private boolean isCrowded; // as above
    private volatile boolean isSyncAsked;

    WalRecycler(
            LogState state,
            WalAppender appender,
            LogFiles files,
            WalDigests digests,
            WalConfig config,
            Parts parts) {
        this.state = state;
        this.appender = appender;
        this.files = files;
        this.digests = digests;
        this.config = config;
        this.window = RecordScanner.newWindow(config);
        this.metrics = parts.metrics();
        this.sync = parts.sync();
    }

    /** What the recycler tells and asks. */
    record Parts(WalMetrics metrics, Consumer<SyncListener> sync) {}

    /** The task's body. */
    void run() {
        long seen = -1;
        while (!state.isClosing()) {
            seen = state.awaitChange(seen, PERIOD);
            if (!state.isOver()) {
                runOnce();
            }
        }
    }

    /** One pass over everything there is to do. */
    void runOnce() {
        try {
            prepareFiles();
            retireFiles();
            prepareFiles();
            askForSync();
            digestFiles();
            copyForward();
        } catch (VolumeClosedException _) {
            // The log is being closed; what was begun is as if it had been killed.
            return;
        } catch (StorageException e) {
            state.fail("recycling", e);
        }
    }

    private void prepareFiles() throws StorageException {
        while (appender.tail().preparedCount() < config.spareFiles() && !state.isOver()) {
            if (!prepareOne()) {
                return;
            }
        }
    }

    private boolean prepareOne() throws StorageException {
        WalFile last = appender.lastFile();
        LogFiles.Place place =
                new LogFiles.Place(
                        last.header.sequence() + 1,
                        last.header.limit(),
                        last.header.sequence(),
                        0,
                        Math.min(state.synced(), last.header.limit()));
        try {
            appender.addPrepared(files.prepare(place));
            isDiskFull = false;
            return true;
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            if (!isDiskFull) {
                log.error("wal cannot make a file, appends will wait dir={}", files.path(""), e);
            }
            isDiskFull = true;
            return false;
        }
    }

    private void retireFiles() throws StorageException {
        WalFile oldest = appender.retireOldest();
        while (oldest != null) {
            files.retire(oldest);
            metrics.recycled();
            deleteDigest(oldest);
            state.room.signalAll();
            oldest = appender.retireOldest();
        }
    }

    private void deleteDigest(WalFile file) {
        try {
            digests.delete(file.header.uuid());
        } catch (StorageException e) {
            log.warn("wal digest cannot be deleted name={}", file.name, e);
        }
    }

    private void digestFiles() throws StorageException {
        WalFile[] live = appender.tail().live();
        for (int i = 0; i < live.length - 1 && !state.isClosing(); i++) {
            WalFile file = live[i];
            if (!file.isDigested && !file.isCut && file.end() <= state.synced()) {
                file.isDigested = true;
                storeDigest(file);
                prepareFiles();
            }
        }
    }

    private void storeDigest(WalFile file) {
        List<DigestFormat.Entry> entries = new ArrayList<>();
        long highestSynced = 0;
        try {
            RecordScanner scanner = scanner(file, RecordScanner.Check.HEADER);
            while (scanner.next()) {
                entries.add(scanner.entry());
                highestSynced = Math.max(highestSynced, scanner.synced());
            }
            if (scanner.end() != file.end()) {
                log.error(
                        "wal file does not read back, not digested name={} offset={}",
                        file.name,
                        file.offset(scanner.position()));
                return;
            }
        } catch (IOException e) {
            log.warn("wal file cannot be read, not digested name={}", file.name, e);
            return;
        }
        DigestFormat digest =
                new DigestFormat(
                        file.header.uuid(), file.base(), file.end(), highestSynced, entries);
        try {
            digests.store(file.header.uuid(), digest.encode());
        } catch (StorageException e) {
            log.warn("wal digest cannot be stored name={}", file.name, e);
        }
    }

    private RecordScanner scanner(WalFile file, RecordScanner.Check check) {
        // A file that a recovery cut has no END record; its end is the limit.
        long limit = file.isCut ? file.end() : file.header.limit();
        return new RecordScanner(file.io, file.header, limit, check, window);
    }

    /** Takes the oldest file's few un-committed records to the tail when the log gets full. */
    private void copyForward() throws StorageException {
        boolean wasCrowded = isCrowded;
        isCrowded = appender.tail().usedBytes() > config.budget().bytes() * config.copyForwardAt();
        if (!isCrowded || state.isOver()) {
            return;
        }
        WalFile oldest = appender.oldestToCopy();
        if (oldest == null) {
            if (!wasCrowded) {
                log.warn("wal is filling up usedBytes={}", appender.tail().usedBytes());
            }
            return;
        }
        try {
            copyRecords(oldest);
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            oldest.isDamaged = true;
            log.error("wal file cannot be read, keeping it name={}", oldest.name, e);
        }
    }

    private void copyRecords(WalFile oldest) throws IOException {
        RecordScanner scanner = scanner(oldest, RecordScanner.Check.HEADER_AND_PAYLOAD);
        long copied = 0;
        while (scanner.next()) {
            if (!appender.isNeeded(oldest, scanner)) {
                continue;
            }
            WalAppender.Copied outcome = appender.copy(scanner);
            while (outcome == WalAppender.Copied.NO_ROOM && prepareOne()) {
                outcome = appender.copy(scanner);
            }
            if (outcome != WalAppender.Copied.COPIED) {
                return;
            }
            copied++;
        }
        if (scanner.end() != oldest.end()) {
            oldest.isDamaged = true;
            log.error(
                    "wal file is damaged, keeping it name={} offset={} problem={}",
                    oldest.name,
                    oldest.offset(scanner.position()),
                    scanner.problem());
            return;
        }
        appender.release(oldest);
        metrics.copiedForward(copied);
        log.info("wal copied forward name={} records={}", oldest.name, copied);
        // Once the copies are on disk the old file may go.
        sync.accept(new LookAgain());
    }

    /**
     * A full file is synced without waiting for the interval: only then can it go, and appends may
     * be waiting for that.
     */
    private void askForSync() {
        WalFile[] live = appender.tail().live();
        boolean isFullFileUnsynced =
                live.length > 1 && live[live.length - 1].base() > state.synced();
        if (isFullFileUnsynced && !isSyncAsked) {
            isSyncAsked = true;
            sync.accept(new LookAgain());
        }
    }

    private final class LookAgain implements SyncListener {
        @Override
        public void synced() {
            isSyncAsked = false;
            state.changed();
        }

        @Override
        public void failed(StorageException cause) {
            log.debug("wal was not synced for the recycler", cause);
        }
    }
}
