package io.lsmbd.write;

import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.manifest.Durability;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.model.Sectors;
import io.lsmbd.wal.SyncListener;
import io.lsmbd.wal.UnalignedZeroes;
import io.lsmbd.wal.WalKind;
import io.lsmbd.wal.WalLocation;
import io.lsmbd.wal.WalRecords;
import io.lsmbd.wal.WalSink;
import io.lsmbd.wal.WalStream;
import io.lsmbd.wal.WalWrites;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/**
 * A volume's writes: one record in the log each, acknowledged at once; batches of them become
 * segments behind. What the log holds and no segment does is found through the WAL index, which is
 * filled here, under the log's append lock.
 */
public final class WritePath implements WalSink, AutoCloseable {
    private final WriteContext context;
    private final BatchQueue batches;
    private final SegmentPipeline pipeline;
    private final CommitWaiters waiters = new CommitWaiters();
    private final long lastRecoveredLsn;
    private final WalStream stream;

    private volatile boolean refusing;
    private volatile Durability durability;
    private volatile long committedLsn;
    private long committedAtNanos; // committer only

    /**
     * Takes up where recovery left off.
     *
     * @param replay records in the log that no segment holds; they enter index and batches here
     */
    public static WritePath open(WriteContext context, Replay replay) throws StorageException {
        return new WritePath(context, replay);
    }

    private WritePath(WriteContext context, Replay replay) throws StorageException {
        this.context = context;
        this.batches = new BatchQueue(context.policy(), context.environment());
        this.pipeline = new SegmentPipeline(context, batches, this::committed);
        this.durability = context.manifest().durability();
        this.committedLsn = context.position().committedLsn();
        this.committedAtNanos = context.environment().nanoClock().nanos();
        long last = committedLsn;
        WalRecords recovered = replay.records();
        for (int i = replay.from(); i < recovered.size(); i++) {
            if (replay.beginsRequest(i)) {
                begins(replay.requestRecords(i), replay.requestSectors(i));
            }
            last = recovered.lsn(i);
            appended(
                    last,
                    recovered.kind(i),
                    recovered.lba(i),
                    recovered.sectors(i),
                    recovered.location(i));
        }
        this.lastRecoveredLsn = last;
        this.stream =
                context.wal().stream(
                        context.manifest().volume(),
                        replay.lineage(),
                        context.manifest().epoch(),
                        last,
                        this);
        stream.committed(committedLsn);
        context.health().onFailure(this::failed);
    }

    /** Nobody may wait for what will not come. */
    private void failed(StorageException cause) {
        stream.fail(cause);
        context.account().close();
        waiters.fail(cause);
    }

    /** Starts the workers. */
    public void start() {
        pipeline.start();
    }

    /** See {@link io.lsmbd.volume.BlockVolume#acceptsWithoutWaiting}. */
    public boolean acceptsWithoutWaiting(int bytes) {
        return context.account().isFree(bytes, recordsOf(bytes))
                && stream.acceptsWithoutWaiting(bytes);
    }

    private static int recordsOf(long bytes) {
        return (int) ((bytes + RECORD_BYTES - 1) / RECORD_BYTES);
    }

    private static final long RECORD_BYTES = (long) WalLocation.MAX_RECORD_SECTORS * Sectors.BYTES;

    /** Appends; the buffers are consumed. Waits under back-pressure. Returns the last LSN. */
    public long write(long lba, ByteBuffer[] payload, int count, int bytes)
            throws StorageException {
        admit(bytes, recordsOf(bytes));
        long lsn = stream.write(lba, payload, count);
        // It may have waited for room while the volume failed: then it is not acknowledged.
        context.health().check();
        return lsn;
    }

    /**
     * Appends all of them in one piece if nothing of that has to wait, else nothing; the buffers
     * are consumed only then.
     */
    public boolean tryWrite(WalWrites writes, int bytes) throws StorageException {
        checkOpen();
        int records = writes.size() + recordsOf(bytes);
        if (!context.account().isFree(bytes, records)) {
            return false;
        }
        context.lease().touch();
        boolean done = stream.tryWrite(writes);
        context.health().check();
        return done;
    }

    /** As {@link #trim}, if that need not wait; else appends nothing. */
    public boolean tryTrim(long lba, long sectors) throws StorageException {
        checkOpen();
        if (!context.account().isFree(0, 1)) {
            return false;
        }
        context.lease().touch();
        boolean done = stream.tryTrim(lba, sectors);
        context.health().check();
        return done;
    }

    /** As {@link #writeZeroes}, if that need not wait; else appends nothing. */
    public boolean tryWriteZeroes(long lba, long sectors) throws StorageException {
        checkOpen();
        if (!context.account().isFree(0, 1)) {
            return false;
        }
        context.lease().touch();
        boolean done = stream.tryWriteZeroes(lba, sectors);
        context.health().check();
        return done;
    }

    /** As {@link #write}, but only if {@code unchanged} holds under the append lock. */
    public boolean writeIf(
            BooleanSupplier unchanged, long lba, ByteBuffer[] payload, int count, int bytes)
            throws StorageException {
        admit(bytes, recordsOf(bytes));
        boolean done = stream.writeIf(unchanged, lba, payload, count);
        context.health().check();
        return done;
    }

    /** Zeroes at byte alignment, if {@code unchanged} holds under the append lock. */
    public boolean writeZeroesIf(BooleanSupplier unchanged, UnalignedZeroes zeroes)
            throws StorageException {
        admit(2L * Sectors.BYTES, 3);
        boolean done = stream.writeZeroesIf(unchanged, zeroes);
        context.health().check();
        return done;
    }

    public long trim(long lba, long sectors) throws StorageException {
        admit(0, 1);
        long lsn = stream.trim(lba, sectors);
        context.health().check();
        return lsn;
    }

    public long writeZeroes(long lba, long sectors) throws StorageException {
        admit(0, 1);
        long lsn = stream.writeZeroes(lba, sectors);
        context.health().check();
        return lsn;
    }

    /** Waits under back-pressure. */
    private void admit(long bytes, int records) throws StorageException {
        checkOpen();
        if (!context.account().isFree(bytes, records)) {
            context.account().await(bytes, records);
            context.health().check();
        }
        context.lease().touch();
    }

    private void checkOpen() throws StorageException {
        context.health().check();
        if (refusing) {
            throw new VolumeClosedException(
                    "volume " + context.manifest().name() + " is being detached");
        }
    }

    @Override
    public void begins(int records, long payloadSectors) {
        batches.begin(records, payloadSectors);
    }

    @Override
    public void brokenOff() {
        batches.breakOff();
    }

    @Override
    public void appended(long lsn, WalKind kind, long lba, long sectors, long location) {
        context.index().put(lba, sectors, location);
        context.account().add(kind == WalKind.WRITE ? Sectors.toBytes(sectors) : 0);
        batches.add(lsn, kind, lba, sectors, location);
    }

    @Override
    public void relocated(long lsn, long lba, long sectors, long fromLocation, long toLocation) {
        batches.relocate(
                lsn,
                fromLocation,
                toLocation,
                () -> context.index().relocate(lba, sectors, fromLocation, toLocation));
    }

    private void committed(Batch batch) {
        long now = context.environment().nanoClock().nanos();
        long lastLsn = batch.lastLsn();
        boolean hasWaited = committedAtNanos - batch.sealedNanos() > 0;
        if (batch.isFull() || hasWaited) {
            long nanos = now - (hasWaited ? committedAtNanos : batch.sealedNanos());
            context.account().committed(batch.countedBytes(), batch.countedRecords(), nanos);
        } else {
            context.account().committedLittle(batch.countedBytes(), batch.countedRecords());
        }
        committedAtNanos = now;
        committedLsn = lastLsn;
        stream.committed(lastLsn);
        if (!waiters.isEmpty()) {
            acknowledgeFlushes(lastLsn);
        }
        context.health().signal().signalAll();
    }

    /** Durability {@code object}: an acknowledgement counts only while the lease does. */
    private void acknowledgeFlushes(long lsn) {
        try {
            pipeline.insist(
                    "renew the lease",
                    () -> {
                        context.lease().ensureValid();
                        return true;
                    });
            Invariants.flushCovered(lsn, committedLsn);
            waiters.committed(lsn);
        } catch (StorageException e) {
            context.health().fail(e);
            waiters.fail(e);
        }
    }

    /**
     * Makes every record appended so far durable, as the volume's durability says; never blocks.
     */
    public void flush(SyncListener listener) {
        StorageException cause = context.health().cause();
        if (cause != null) {
            listener.failed(cause);
            return;
        }
        long lsn = stream.lastLsn();
        switch (durability) {
            case LOCAL -> context.wal().sync(listener);
            case OBJECT -> {
                if (lsn <= committedLsn) {
                    listener.synced();
                } else {
                    waiters.add(lsn, listener);
                    if (lsn <= committedLsn || !context.health().isGood()) {
                        context.environment().spawnVirtual("flush", () -> settleLate());
                    }
                    batches.sealSoon();
                }
            }
        }
    }

    /** The commit, or the failure, may have come between the look and the wait. */
    private void settleLate() {
        StorageException cause = context.health().cause();
        if (cause == null) {
            acknowledgeFlushes(committedLsn);
        } else {
            waiters.fail(cause);
        }
    }

    /**
     * The next flush waits for what {@code now} says, the next segment is compressed so; the
     * manifest in the store is {@code now} already, so that a restart does not know less.
     */
    public void changed(Manifest now) {
        pipeline.compress(Compression.parse(now.compression()));
        durability = now.durability();
    }

    /** Uploads and commits everything appended so far; blocks until done or the volume fails. */
    public void drain() throws StorageException {
        long lsn = stream.lastLsn();
        batches.sealSoon();
        context.health().signal().await(() -> committedLsn >= lsn || !context.health().isGood());
        context.health().check();
    }

    /** Every segment up to this number is in the extent map; the WAL index may still have it. */
    public long mappedSegment() {
        return pipeline.mappedSegment();
    }

    /**
     * Whether no segment is under way and none is to come; meaningful once {@link #close} has
     * stopped new ones.
     */
    public boolean isQuiet() {
        return pipeline.isQuiet() && committedLsn == stream.lastLsn();
    }

    /** From now on writes are refused; what was appended can be drained. */
    public void refuse() {
        refusing = true;
    }

    public long lastLsn() {
        return stream.lastLsn();
    }

    public long lastRecoveredLsn() {
        return lastRecoveredLsn;
    }

    public long committedLsn() {
        return committedLsn;
    }

    public long committedSegment() {
        return pipeline.committedSegment();
    }

    public long unuploadedBytes() {
        return context.account().usedBytes();
    }

    /** How near writes are to being slowed down or to waiting. */
    public Pressure pressure() {
        return context.account().pressure();
    }

    public long oldestUnuploadedNanos() {
        return batches.oldestAgeNanos();
    }

    /** Stops the workers; records that no segment holds stay in the log for the next attach. */
    @Override
    public void close() {
        pipeline.stop();
        // First: whom the account lets go on would append after the last look at what is there.
        stream.close();
        context.account().close();
    }
}
