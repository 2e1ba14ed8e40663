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
 * the next file is not ready; {@link Wal#acceptsWithoutWaiting} tells beforehand.
 *
 * <p>Appends throw {@link LocalStorageException} once the log has failed, {@link
 * VolumeClosedException} once the stream or the log is closed. A write that throws may have
 * appended a first part of itself.
 */
public final class WalStream {
    private final WalAppender appender;
    private final VolumeState volume;
    private final long epoch;
    private final WalSink sink;
    private volatile long lastLsn; // written under the append lock
    private volatile boolean isClosed;

    /** What the volume has in the file that it appended to last; guarded by the append lock. */
    private @Nullable VolumeUse use;

    private @Nullable WalFile useFile; // as above

    WalStream(WalAppender appender, VolumeState volume, long epoch, long lastLsn, WalSink sink) {
        this.appender = appender;
        this.volume = volume;
        this.epoch = epoch;
        this.lastLsn = lastLsn;
        this.sink = sink;
    }

    /**
     * Appends the remaining bytes of the first {@code count} buffers, whole sectors in all, as the
     * contents from sector {@code lba} on. The buffers, direct or heap, are the caller's; they are
     * consumed and not kept. More than 64 KiB make several records, up to 1 MiB in one piece.
     *
     * @return the last record's LSN
     */
    public long write(long lba, ByteBuffer[] payload, int count) throws StorageException {
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += payload[i].remaining();
        }
        if (bytes == 0 || !Sectors.isAligned(bytes)) {
            throw new IllegalArgumentException("not whole sectors: " + bytes + " bytes");
        }
        checkRange(lba, bytes >> Sectors.SHIFT);
        return appender.write(this, lba, payload, count);
    }

    /**
     * As {@link #write}, of at most 64 KiB, but only if {@code condition} holds under the append
     * lock, so that no other record comes between the look and the append. The condition is quick,
     * takes leaf locks at most, and never calls the log. The buffers are consumed either way.
     *
     * @return whether it was appended
     */
    public boolean writeIf(BooleanSupplier condition, long lba, ByteBuffer[] payload, int count)
            throws StorageException {
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += payload[i].remaining();
        }
        if (bytes == 0 || !Sectors.isAligned(bytes) || bytes > WalLocation.MAX_RECORD_BYTES) {
            throw new IllegalArgumentException("not 1 to 128 sectors: " + bytes + " bytes");
        }
        checkRange(lba, bytes >> Sectors.SHIFT);
        return appender.writeIf(condition, this, lba, payload, count);
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

    private static void checkRange(long lba, long sectors) {
        if (lba < 0 || sectors <= 0 || lba > Long.MAX_VALUE - sectors) {
            throw new IllegalArgumentException("no such range: lba=" + lba + " sectors=" + sectors);
        }
    }

    /** The LSN of the volume's last appended record. */
    public long lastLsn() {
        return lastLsn;
    }

    /** A committed segment holds every record up to {@code lsn}: the log need not. Never waits. */
    public void committed(long lsn) {
        appender.committed(volume, lsn);
    }

    /** Ends appends; un-committed records stay in the log. Idempotent. */
    public void close() {
        isClosed = true;
        appender.detach(this, volume);
    }

    boolean isAttached() {
        return !isClosed;
    }

    void check() throws StorageException {
        if (isClosed) {
            throw WalAppender.detached(volume.id);
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
    void advanceTo(long lsn) {
        lastLsn = lsn;
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
