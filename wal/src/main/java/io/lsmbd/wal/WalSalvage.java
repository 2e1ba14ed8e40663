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
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All records of one volume that can be read in a log, however damaged it is, and every place where
 * something cannot. What recovery refuses, or gives up behind a torn record, is read as well: a
 * person decides what to make of it. Nothing is changed.
 *
 * <p>A log in use changes while it is read, see {@link WalInspection}: what was read counts only if
 * no file had been given to new records by the end, and an unreadable place only if a second look
 * finds it, too. Blocks on the disk. One thread.
 */
public final class WalSalvage implements AutoCloseable {
    private static final int MAX_LOOKS = 20;

    private final LogFiles names;
    private final Scratch window;
    private final ReadableLook look;

    private WalSalvage(LogFiles names, Scratch window, ReadableLook look) {
        this.names = names;
        this.window = window;
        this.look = look;
    }

    /**
     * Reads all of a log.
     *
     * @throws RefusedException if there is no log, or it is so busy that no look was consistent
     */
    public static WalSalvage open(Environment environment, LogDirectory directory, VolumeId volume)
            throws StorageException {
        WalConfig config = WalConfig.defaults();
        Scratch window = RecordScanner.newWindow(config);
        @Nullable List<Unreadable> seen = null;
        for (int i = 0; i < MAX_LOOKS; i++) {
            LogFiles names = new LogFiles(environment, directory, config);
            var look = new ReadableLook(names, window, volume);
            boolean isTaken = false;
            try {
                if (look.run()) {
                    List<Unreadable> found = look.unreadable();
                    boolean isSure = found.isEmpty() || found.equals(seen);
                    isTaken = isSure && look.isStillTheSame();
                    seen = found;
                }
                if (isTaken) {
                    return new WalSalvage(names, window, look);
                }
            } finally {
                if (!isTaken) {
                    look.close();
                }
            }
        }
        throw WalInspection.movedOn(directory, MAX_LOOKS);
    }

    /**
     * The volume's records, by epoch, then LSN. If nothing is unreadable, they are those that
     * recovery would have; else the parts of a request that is not whole are among them.
     */
    public WalRecords records() {
        return look.records();
    }

    /** In the log's order; other volumes' records included. */
    public List<Unreadable> unreadable() {
        return look.unreadable();
    }

    /**
     * Reads a WRITE record's whole payload, checked, into a buffer with that much room.
     *
     * @param record location of the first sector of one of {@link #records}
     * @throws CorruptDataException if it was damaged since, or given to new records by a daemon
     */
    public void readPayload(long record, ByteBuffer into) throws StorageException {
        WalFile file = look.fileOf(WalLocation.position(record));
        int bytes = WalLocation.recordSectors(record) << Sectors.SHIFT;
        ByteBuffer target = into.slice(into.position(), bytes);
        try {
            String problem = WalReader.readDirectly(file, record, window, target);
            if (problem != null) {
                throw new CorruptDataException(
                        names.path(file.name),
                        file.offset(WalLocation.position(record)),
                        problem + ", though it was right a moment ago; try again");
            }
        } catch (IOException e) {
            throw LogFiles.failure("reading " + names.path(file.name), e);
        }
        into.position(into.position() + bytes);
    }

    /** Closes the files. */
    @Override
    public void close() {
        look.close();
    }
}
