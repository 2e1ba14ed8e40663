package io.lsmbd.wal;

import io.lsmbd.env.Environment;
import io.lsmbd.env.LogDirectory;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.Sectors;
import io.lsmbd.model.VolumeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a log as recovery would find it, with recovery's own reading part, and changes nothing:
 * a directory that is open for reading only will do, and a daemon may be using it meanwhile.
 *
 * <p>A log in use changes while it is read: it grows, and files leave it to be written anew. So
 * what was read counts only if no file had been given to new records by the end, and damage only if
 * a second look finds it at the same place: what a writer had not finished is finished then.
 *
 * <p>Memory: a little for each file and volume, and the columns of {@link #records} for the volumes
 * that were asked for. Blocks on the disk. One thread.
 */
public final class WalInspection implements AutoCloseable {
    private static final int MAX_LOOKS = 20;

    private final LogFiles names;
    private final Scratch window;
    private final LogLook look;
    private final WalReport report;

    private WalInspection(LogFiles names, Scratch window, LogLook look, WalReport report) {
        this.names = names;
        this.window = window;
        this.look = look;
        this.report = report;
    }

    /** Told of records in the log's order; returns whether to go on. */
    @FunctionalInterface
    public interface RecordVisitor {
        boolean visit(WalRecordInfo record) throws StorageException;
    }

    /**
     * Reads all of a log.
     *
     * @param kept the volumes whose {@link #records} are wanted
     * @throws RefusedException if there is no log, or it is so busy that no look was consistent
     */
    public static WalInspection open(
            Environment environment, LogDirectory directory, Set<VolumeId> kept)
            throws StorageException {
        WalConfig config = WalConfig.defaults();
        Scratch window = RecordScanner.newWindow(config);
        CorruptDataException seen = null;
        for (int i = 0; i < MAX_LOOKS; i++) {
            LogFiles names = new LogFiles(environment, directory, config);
            LogLook look = new LogLook(names, window);
            boolean isTaken = false;
            try {
                if (look.run(kept)) {
                    CorruptDataException damage = look.damage().orElse(null);
                    isTaken = damage == null ? look.isStillTheSame() : isSame(damage, seen);
                    seen = damage;
                }
                if (isTaken) {
                    WalReport report = look.report(environment.bootId());
                    return new WalInspection(names, window, look, report);
                }
            } finally {
                if (!isTaken) {
                    look.close();
                }
            }
        }
        throw movedOn(directory, MAX_LOOKS);
    }

    static RefusedException movedOn(LogDirectory directory, int looks) {
        return new RefusedException(
                RefusedException.Reason.IN_USE,
                "the log in %s moved on %d times while it was read; ask its daemon, or try again"
                        .formatted(directory.path(), looks));
    }

    private static boolean isSame(CorruptDataException one, @Nullable CorruptDataException other) {
        return other != null && one.where().equals(other.where()) && one.offset() == other.offset();
    }

    public WalReport report() {
        return report;
    }

    /**
     * The records of a volume that was to be kept, as {@link WalRecovery#records} would have them.
     *
     * @throws CorruptDataException if the log is damaged
     */
    public WalRecords records(VolumeId volume) throws CorruptDataException {
        if (report.damage().isPresent()) {
            throw report.damage().get();
        }
        return look.records(volume);
    }

    /**
     * Reads the headers of all records again, up to where the log ends or is damaged. Files that a
     * daemon has given to new records meanwhile are passed over: segments hold what was in them.
     */
    public void forEachRecord(RecordVisitor visitor) throws StorageException {
        for (WalFile file : look.files()) {
            try {
                if (!visitFile(file, visitor)) {
                    return;
                }
            } catch (IOException e) {
                throw LogFiles.failure("reading " + names.path(file.name), e);
            }
        }
    }

    /**
     * Reads a WRITE record's whole payload, checked, into a buffer with that much room.
     *
     * @param record location of the first sector of one of {@link #records}
     * @throws CorruptDataException if it is damaged, or was given to new records by a daemon
     */
    public void readPayload(long record, ByteBuffer into) throws StorageException {
        long position = WalLocation.position(record);
        WalFile file =
                look.files().stream()
                        .filter(one -> one.base() <= position && position < one.header.limit())
                        .findFirst()
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        WalLocation.describe(record) + " is not in this log"));
        int bytes = WalLocation.recordSectors(record) << Sectors.SHIFT;
        ByteBuffer target = into.slice(into.position(), bytes);
        try {
            String problem = WalReader.readDirectly(file, record, window, target);
            if (problem != null) {
                throw new CorruptDataException(
                        names.path(file.name), file.offset(position), problem);
            }
        } catch (CorruptDataException e) {
            throw e;
        } catch (IOException e) {
            throw LogFiles.failure("reading " + names.path(file.name), e);
        }
        into.position(into.position() + bytes);
    }

    private boolean visitFile(WalFile file, RecordVisitor visitor) throws IOException {
        RecordScanner scanner =
                new RecordScanner(
                        file.io, file.header, file.end(), RecordScanner.Check.HEADER, window);
        while (scanner.next()) {
            if (!visitor.visit(describe(file, scanner.entry()))) {
                return false;
            }
        }
        return true;
    }

    static WalRecordInfo describe(WalFile file, DigestFormat.Entry record) {
        return new WalRecordInfo(
                file.name,
                file.offset(record.position()),
                new VolumeId(record.volume()),
                record.epoch(),
                record.lsn(),
                record.kind(),
                record.lba(),
                record.sectors(),
                record.payloadCrc(),
                record.continues());
    }

    /** Closes the files. */
    @Override
    public void close() {
        look.close();
    }
}
