package io.lsmbd.wal;

import io.lsmbd.env.Environment;
import io.lsmbd.env.LogDirectory;
import io.lsmbd.env.LogFile;
import io.lsmbd.env.Task;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.model.VolumeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's write-ahead log: one per data directory, for all volumes. Thread-safe. See the
 * package's description for files, recovery and locks.
 */
public final class Wal implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Wal.class);

    private final Environment env;
    private final WalConfig config;
    private final LogState state;
    private final WalAppender appender;
    private final WalReader reader;
    private final Syncer syncer;
    private final WalRecycler recycler;
    private final LogFiles files;
    private final WalRecovery recovery;
    private final List<Task> tasks = new ArrayList<>(); // of the thread that starts and closes
    private volatile boolean isStarted;
    private boolean isClosed; // as tasks

    private Wal(
            Environment env,
            WalConfig config,
            WalDigests digests,
            WalMetrics metrics,
            LogFiles files,
            Opened opened) {
        this.env = env;
        this.config = config;
        this.files = files;
        WalReplay.Outcome found = opened.found();
        long position = found.live().getLast().header.firstRecord();
        this.state = new LogState(env, position);
        this.appender = new WalAppender(state, config, found.live(), found.volumes());
        this.reader = new WalReader(appender, files);
        this.syncer = new Syncer(env, state, appender, config, metrics, opened.hint());
        this.recycler =
                new WalRecycler(
                        state,
                        appender,
                        files,
                        digests,
                        config,
                        new WalRecycler.Parts(metrics, syncer::sync));
        this.recovery = new WalRecovery(appender, found.report(), found.records());
        metrics.bind(appender.tail(), state);
        metrics.replayed(found.report());
    }

    private record Opened(WalReplay.Outcome found, LogFile hint) {}

    /**
     * Recovers the log of a directory that nobody else uses, or begins one. May be killed and
     * repeated at any time. No task runs yet.
     *
     * @throws CorruptDataException if something that was on disk is damaged or missing; nothing has
     *     been changed then
     * @throws LocalStorageException if the disk fails
     */
    public static Wal open(
            Environment env,
            LogDirectory directory,
            WalConfig config,
            WalDigests digests,
            WalMetrics metrics)
            throws StorageException {
        LogFiles files = new LogFiles(env, directory, config);
        LogFile hint = files.openOrCreate(LogFiles.SYNCED_NAME);
        try {
            WalReplay.Outcome found =
                    new WalReplay(env, files, digests, RecordScanner.newWindow(config)).run(hint);
            log.debug("wal opened dir={} report={}", directory.path(), found.report());
            return new Wal(env, config, digests, metrics, files, new Opened(found, hint));
        } catch (StorageException e) {
            try (hint) {
                throw e;
            } catch (IOException _) {
                throw e;
            }
        }
    }

    /** What opening the log found. */
    public WalRecovery recovery() {
        return recovery;
    }

    /** Starts the syncer's and the recycler's tasks. */
    public void start() {
        isStarted = true;
        tasks.add(env.spawn("wal-syncer", syncer::run));
        tasks.add(env.spawn("wal-recycler", recycler::run));
    }

    /** As {@link #stream(VolumeId, Lineage, long, long, WalSink)}, for an unbroken lineage. */
    public WalStream stream(VolumeId volume, long epoch, long lastLsn, WalSink sink)
            throws StorageException {
        return stream(volume, Lineage.UNBROKEN, epoch, lastLsn, sink);
    }

    /**
     * Attaches a volume: its next record gets {@code lastLsn + 1}. At most one stream per volume is
     * open at a time, or it is an IllegalStateException.
     *
     * @param lineage tells which records of older epochs stay in the log until they are discarded
     * @param epoch of this writer, an unsigned 32-bit number
     */
    public WalStream stream(
            VolumeId volume, Lineage lineage, long epoch, long lastLsn, WalSink sink)
            throws StorageException {
        if (epoch < 0 || epoch > RecordFormat.MAX_EPOCH || lastLsn < 0) {
            throw new IllegalArgumentException("epoch=" + epoch + " lastLsn=" + lastLsn);
        }
        return appender.attach(volume, lineage, epoch, lastLsn, sink);
    }

    /** Whether an append of so many payload bytes would not have to wait, as things stand. */
    public boolean acceptsWithoutWaiting(long payloadBytes) {
        return appender.tail().isOpenFor(AppendGroup.bytesOf(payloadBytes));
    }

    /**
     * Puts {@code sectors} sectors, from the one at {@code location} (not a hole) on and all of one
     * record, into a buffer with that much room. Reads and checks the whole record; takes no lock;
     * blocks on the disk only if the page cache has lost the record.
     *
     * @return false if the record has been recycled: ask the index again. The buffer is unchanged
     * @throws CorruptDataException if the record is damaged, with file and offset
     */
    public boolean read(long location, int sectors, ByteBuffer into) throws StorageException {
        return reader.read(location, sectors, into);
    }

    /**
     * Reads a WRITE record's whole payload, checked, into a buffer, best a direct one, with that
     * much room; for whoever reads many records. {@code recordLocation} is that of its first
     * sector.
     *
     * @return false if the record has been recycled; the buffer's contents are then unspecified,
     *     its position is unchanged
     * @throws CorruptDataException if the record is damaged, with file and offset
     */
    public boolean readPayload(long recordLocation, ByteBuffer into) throws StorageException {
        return reader.readPayload(recordLocation, into);
    }

    /**
     * Finds the records of a volume that is not attached in the log as it is now, by reading all of
     * it; for one that is attached again, or for the first time after {@link WalRecovery#release}.
     * Borrows the volume as {@link WalRecovery#records} does. Blocks.
     */
    public WalRecords records(VolumeId volume) throws StorageException {
        appender.borrow(volume);
        return new VolumeScan(state, appender, files, volume).run(RecordScanner.newWindow(config));
    }

    /**
     * Has everything that was appended before this call synced. Never blocks; the listener is told
     * on the caller's thread if there is nothing to wait for, else on the syncer's.
     */
    public void sync(SyncListener listener) {
        syncer.sync(listener);
    }

    /** As {@link #sync}, but waits. */
    public void syncNow() throws StorageException {
        if (isStarted) {
            syncer.syncAndWait();
        } else {
            syncer.syncHere();
        }
    }

    /** Position behind the last appended record; grows. */
    public long appendedPosition() {
        return state.appended();
    }

    /** Everything before this position is on disk; grows. */
    public long syncedPosition() {
        return state.synced();
    }

    /** Bytes of the files that cannot be recycled yet, the last one's unused rest excepted. */
    public long usedBytes() {
        return appender.tail().usedBytes();
    }

    /** The log's files, oldest first. */
    public List<WalFileInfo> files() {
        return appender.describe();
    }

    /** The records of a volume that is not attached, deleted for example, pin no files any more. */
    public void discard(VolumeId volume) throws StorageException {
        state.check();
        appender.discard(volume);
        recovery.release(volume);
    }

    /**
     * What pins the log of before another host had the volume, in bytes; 0 if it was not attached
     * since the start. Epochs count as a whole, see {@link Lineage}. Never waits.
     */
    public long leftOverBytes(VolumeId volume) {
        return appender.locked(() -> appender.tail().leftOverBytes(volume));
    }

    /**
     * Lets go of just that; the volume may be attached. The next start finds again what is not
     * recycled until then. Never waits.
     */
    public void discardLeftOver(VolumeId volume) throws StorageException {
        state.check();
        appender.discardLeftOver(volume);
    }

    /** The possible loss was accepted or reported: later starts need not tell of it again. */
    public void forgetLoss() throws StorageException {
        files.forgetLoss();
    }

    /** One pass of the recycler, for tests without tasks. */
    void recycleOnce() {
        recycler.runOnce();
    }

    /**
     * Ends both tasks, syncs, marks the log as cleanly closed. Appends and syncs that wait fail
     * with {@link VolumeClosedException}. Idempotent.
     *
     * @throws StorageException if the last sync failed; all is closed nevertheless
     */
    @Override
    public void close() throws StorageException {
        if (isClosed) {
            return;
        }
        isClosed = true;
        state.close();
        tasks.forEach(Task::join);
        // Whoever held the lock when the state changed has appended by now; nobody does after it.
        appender.locked(() -> Boolean.TRUE);
        try {
            syncer.close();
        } finally {
            appender.closeFiles(LogFiles::closeQuietly);
        }
    }
}
