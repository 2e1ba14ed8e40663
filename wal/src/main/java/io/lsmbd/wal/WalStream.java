package io.lsmbd.wal;

import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.model.Sectors;
import io.lsmbd.model.VolumeId;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A volume's way into the log, made by {@link Wal#stream}. Thread-safe: concurrent appends take
 * turns. An append has put its records into the page cache when it returns; {@link Wal#sync} makes
 * them survive a power loss. It waits, holding no lock, only while the log's budget is used up or
 * the next file is not ready; or while another large write of the volume is in the middle; {@link
 * #acceptsWithoutWaiting} tells beforehand.
 *
 * <p>Appends throw {@link LocalStorageException} once the log has failed, {@link
 * VolumeClosedException} once the stream or the log is closed, or an earlier write was cut off in
 * the middle. A write that throws may have appended a first part of itself, which recovery drops.
 */
public final class WalStream {
    private final WalAppender appender;
    private final VolumeState volume;
    private final long epoch;
    private final WalSink sink;
    private volatile long lastLsn; // written under the append lock
    private long nextLsn; // guarded by the append lock
    private volatile boolean isClosed;
    private volatile boolean isBrokenOff; // written under the append lock
    private volatile @Nullable StorageException failure;

    /** Whose request is in the middle, if one is. */
    private volatile @Nullable AppendGroup taker; // written under the append lock

    /** What that request is still going to append; guarded by the append lock. */
    private long reservedBytes;

    /** What the volume has in the file that it appended to last; guarded by the append lock. */
    private @Nullable VolumeUse use;

    private @Nullable WalFile useFile; // as above

    WalStream(WalAppender appender, VolumeState volume, long epoch, long lastLsn, WalSink sink) {
        this.appender = appender;
        this.volume = volume;
        this.epoch = epoch;
        this.lastLsn = lastLsn;
        this.nextLsn = lastLsn + 1;
        this.sink = sink;
    }

    /**
     * Appends the remaining bytes of the first {@code count} buffers, whole sectors in all, as the
     * contents from sector {@code lba} on. The buffers, direct or heap, are the caller's; they are
     * consumed and not kept. More than 64 KiB make several records, up to 1 MiB in one piece. They
     * are one request all the same: no other record of the volume comes between them, and recovery
     * finds all of them or none.
     *
     * @return the last record's LSN
     */
    public long write(long lba, ByteBuffer[] payload, int count) throws StorageException {
        checkPayload(lba, payload, 0, count);
        return appender.write(this, WalAppender::always, lba, payload, count);
    }

    private static void checkPayload(long lba, ByteBuffer[] payload, int from, int count) {
        long bytes = 0;
        for (int i = from; i < from + count; i++) {
            bytes += payload[i].remaining();
        }
        if (bytes == 0 || !Sectors.isAligned(bytes)) {
            throw new IllegalArgumentException("not whole sectors: " + bytes + " bytes");
        }
        checkRange(lba, bytes >> Sectors.SHIFT);
    }

    /**
     * As {@link #write}, but only if {@code condition} holds under the append lock, so that no
     * other record comes between the look and the append. The condition is quick, takes leaf locks
     * at most, and never calls the log. If it does not hold the buffers are left as they are.
     *
     * @return whether it was appended
     */
    public boolean writeIf(BooleanSupplier condition, long lba, ByteBuffer[] payload, int count)
            throws StorageException {
        checkPayload(lba, payload, 0, count);
        return appender.write(this, condition, lba, payload, count) != WalAppender.REFUSED;
    }

    /**
     * Appends all these writes, in this order and one piece, if none of that has to wait. Each is a
     * request of its own.
     *
     * @return false if it would have to wait; nothing is appended then, the buffers are left as
     *     they are
     */
    public boolean tryWrite(WalWrites writes) throws StorageException {
        for (int i = 0; i < writes.size(); i++) {
            int first = writes.firstBuffer(i);
            checkPayload(writes.lba(i), writes.buffers(), first, writes.bufferCount(i));
        }
        return appender.tryWrite(this, writes);
    }

    /**
     * Appends zeroes at byte alignment, as one request, if {@code condition} holds as for {@link
     * #writeIf}.
     *
     * @return whether it was appended
     */
    public boolean writeZeroesIf(BooleanSupplier condition, UnalignedZeroes zeroes)
            throws StorageException {
        return appender.zeroes(this, condition, zeroes) != WalAppender.REFUSED;
    }

    /** Appends that {@code sectors} from {@code lba} are not needed; returns the record's LSN. */
    public long trim(long lba, long sectors) throws StorageException {
        checkRange(lba, sectors);
        return appender.hole(this, WalKind.TRIM, lba, sectors);
    }

    /** Appends that {@code sectors} from {@code lba} are zero; returns the record's LSN. */
    public long writeZeroes(long lba, long sectors) throws StorageException {
        checkRange(lba, sectors);
        return appender.hole(this, WalKind.ZERO, lba, sectors);
    }

    /** As {@link #trim}, if that need not wait; else appends nothing and returns false. */
    public boolean tryTrim(long lba, long sectors) throws StorageException {
        checkRange(lba, sectors);
        return appender.tryHole(this, WalKind.TRIM, lba, sectors);
    }

    /** As {@link #writeZeroes}, if that need not wait; else appends nothing and returns false. */
    public boolean tryWriteZeroes(long lba, long sectors) throws StorageException {
        checkRange(lba, sectors);
        return appender.tryHole(this, WalKind.ZERO, lba, sectors);
    }

    private static void checkRange(long lba, long sectors) {
        if (lba < 0 || sectors <= 0 || lba > Long.MAX_VALUE - sectors) {
            throw new IllegalArgumentException("no such range: lba=" + lba + " sectors=" + sectors);
        }
    }

    /**
     * The LSN of the last record of the volume's last whole request, of which the sink has been
     * told. One that is in the middle may never be completed, so nobody should wait for it.
     */
    public long lastLsn() {
        return lastLsn;
    }

    /** A committed segment holds every record up to {@code lsn}: the log need not. Never waits. */
    public void committed(long lsn) {
        appender.committed(volume, lsn);
    }

    /**
     * Ends appends of a volume that has failed, those included that wait for room, which nothing
     * may ever make: they throw {@link VolumeClosedException} with this cause. All else goes on
     * until {@link #close}: the sink is told of records that are moved. Never waits. Idempotent.
     */
    public void fail(StorageException cause) {
        failure = cause;
        appender.wakeWaiting();
    }

    /** Ends appends; un-committed records stay in the log. Idempotent. */
    public void close() {
        isClosed = true;
        appender.detach(this, volume);
    }

    /** Whether appends may still come about; only they may ask. */
    boolean isAppendable() {
        return !isClosed && failure == null && !isBrokenOff;
    }

    /** Whether an append of so many payload bytes would not have to wait, as things stand. */
    public boolean acceptsWithoutWaiting(long payloadBytes) {
        return !isTaken() && appender.tail().isOpenFor(AppendGroup.bytesOf(payloadBytes));
    }

    /** Whether a request is in the middle, so that no other may begin. Needs no lock. */
    boolean isTaken() {
        return taker != null;
    }

    @SuppressWarnings("ReferenceEquality") // the very group, not one like it
    boolean isTakenBy(AppendGroup group) {
        return taker == group;
    }

    /** Under the append lock. */
    void takenBy(AppendGroup group) {
        taker = group;
    }

    /** Under the append lock: the request has ended. */
    void leave() {
        taker = null;
        reservedBytes = 0;
    }

    /** Under the append lock. */
    void reserved(long bytes) {
        reservedBytes += bytes;
    }

    /** Under the append lock. */
    long reservedBytes() {
        return reservedBytes;
    }

    /** Under the append lock: a request stays incomplete, nothing may follow it. */
    void breakOff() {
        isBrokenOff = true;
    }

    static long sectors(long bytes) {
        return bytes >> Sectors.SHIFT;
    }

    void check() throws StorageException {
        // First: a volume that is let go fails, too, in the end, but its clients are told no error.
        if (isClosed) {
            throw WalAppender.detached(volume.id);
        }
        StorageException cause = failure;
        if (cause != null) {
            throw new VolumeClosedException(
                    "volume %s failed: %s".formatted(volume.id, cause.getMessage()), cause);
        }
        if (isBrokenOff) {
            throw new VolumeClosedException(
                    "a write of volume " + volume.id + " was cut off: attach it again");
        }
    }

    long volumeId() {
        return volume.id.value();
    }

    VolumeId id() {
        return volume.id;
    }

    long epoch() {
        return epoch;
    }

    WalSink sink() {
        return sink;
    }

    /** Under the append lock. */
    long nextLsn() {
        return nextLsn;
    }

    /** Under the append lock: that record is there; {@code isWhole}: so is all of its request. */
    void advanceTo(long lsn, boolean isWhole) {
        nextLsn = lsn + 1;
        if (isWhole) {
            lastLsn = lsn;
        }
    }

    /** Under the append lock. */
    VolumeUse useOf(WalFile file) {
        VolumeUse known = use;
        if (known == null || useFile != file) {
            known = file.use(volume);
            use = known;
            useFile = file;
        }
        return known;
    }
}
