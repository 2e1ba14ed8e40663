package io.lsmbd.wal;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.VolumeId;
import java.io.IOException;
import java.util.Arrays;

/** Finds one volume's records in a running log. */
final class VolumeScan {
    private final LogState state;
    private final WalAppender appender;
    private final LogFiles names;
    private final VolumeId volume;

    VolumeScan(LogState state, WalAppender appender, LogFiles names, VolumeId volume) {
        this.state = state;
        this.appender = appender;
        this.names = names;
        this.volume = volume;
    }

    WalRecords run(Scratch window) throws StorageException {
        WalRecords found = new WalRecords(volume);
        // Before the list: what is appended later is not the volume's, which is not attached.
        long end = state.appended();
        for (WalFile file : appender.tail().live()) {
            if (file.base() < end) {
                scan(file, end, found, window);
            }
        }
        return found.sort();
    }

    private void scan(WalFile file, long end, WalRecords found, Scratch window)
            throws StorageException {
        long limit = Math.min(end, file.isCut ? file.end() : file.header.limit());
        RecordScanner scanner =
                new RecordScanner(file.io, file.header, limit, RecordScanner.Check.HEADER, window);
        try {
            while (scanner.next()) {
                if (scanner.volume() == volume.value()) {
                    found.add(scanner.entry());
                }
            }
            if (scanner.stop() == RecordScanner.Stop.END || isRecycled(file)) {
                return;
            }
            throw new CorruptDataException(
                    names.path(file.name), file.offset(scanner.position()), scanner.problem());
        } catch (IOException e) {
            // A file that nothing pins may go at any time: the volume needs nothing from it.
            if (!isRecycled(file)) {
                throw LogFiles.failure("reading " + names.path(file.name), e);
            }
        }
    }

    private boolean isRecycled(WalFile file) {
        return !Arrays.asList(appender.tail().live()).contains(file);
    }
}
