package io.lsmbd.server;

import io.lsmbd.config.Settings;
import io.lsmbd.model.DataSize;
import java.time.Duration;

/** {@code [wal]}: the local log that every write goes to first. */
public record WalSection(DataSize budget, DataSize fileSize, Duration syncInterval) {
    public WalSection {
        Bounds.check(
                "wal.budget", budget, DataSize.ofMebibytes(256), DataSize.ofGibibytes(16 << 10));
        Bounds.check("wal.file-size", fileSize, DataSize.ofMebibytes(16), DataSize.ofGibibytes(2));
        Bounds.check(
                "wal.sync-interval", syncInterval, Duration.ofMillis(10), Duration.ofMinutes(1));
        if (budget.bytes() < 4 * fileSize.bytes()) {
            throw new IllegalArgumentException(
                    "wal.budget (%s) must hold at least 4 files of wal.file-size (%s)"
                            .formatted(budget, fileSize));
        }
    }

    /** Writes go on while segments are on their way only if the log can hold more than these. */
    boolean hasRoom(UploadSection upload) {
        long segments = upload.segmentSize().bytes() * (upload.parallel() + 1L);
        return budget.bytes() >= 2 * segments;
    }

    static WalSection read(Settings in) {
        return new WalSection(
                in.size(
                        "wal.budget",
                        "8GiB",
                        "Disk space of the WAL. A volume alone writes freely until two fifths "
                                + "of it are not uploaded yet, then at the pace of uploads, "
                                + "and waits a little beyond half; several share it."),
                in.size("wal.file-size", "64MiB", "Size of one preallocated, recycled WAL file."),
                in.duration(
                        "wal.sync-interval",
                        "1s",
                        "Longest time that a write without FLUSH stays unsynced to the local "
                                + "disk."));
    }
}
