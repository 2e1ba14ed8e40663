package io.lsmbd.wal;

import io.lsmbd.model.DataSize;
import java.time.Duration;

/**
 * Settings of the log.
 *
 * @param fileSize size of each file, a multiple of 4 KiB, 128 KiB to 1 GiB
 * @param budget what files that hold un-committed records may take in all, at least four files;
 *     beyond it appends wait. Files prepared ahead come on top; spares are used before new ones are
 *     made
 * @param syncInterval how long an appended record may stay un-synced when nobody asks
 * @param spareFiles how many files are prepared ahead, and how many used up ones are kept at least;
 *     as many as a quarter of the budget holds may be
 * @param copyForwardAt the share of the budget, in (0, 1), beyond which the records of slow volumes
 *     are copied to the tail
 */
public record WalConfig(
        DataSize fileSize,
        DataSize budget,
        Duration syncInterval,
        int spareFiles,
        double copyForwardAt) {
    private static final long MIN_FILE = 128L << 10;
    private static final long MAX_FILE = 1L << 30;
    private static final int MIN_FILES = 4;

    public WalConfig {
        long bytes = fileSize.bytes();
        if (bytes < MIN_FILE || bytes > MAX_FILE || bytes % FileFormat.HEADER_BYTES != 0) {
            throw new IllegalArgumentException(
                    "file size must be a multiple of 4KiB from 128KiB to 1GiB: " + fileSize);
        }
        if (budget.bytes() / bytes < MIN_FILES) {
            throw new IllegalArgumentException(
                    "budget %s holds fewer than %d files of %s"
                            .formatted(budget, MIN_FILES, fileSize));
        }
        if (syncInterval.isNegative() || syncInterval.isZero()) {
            throw new IllegalArgumentException("sync interval must be positive: " + syncInterval);
        }
        if (spareFiles < 1 || spareFiles > 64) {
            throw new IllegalArgumentException("spare files must be 1 to 64: " + spareFiles);
        }
        if (!(copyForwardAt > 0 && copyForwardAt < 1)) {
            throw new IllegalArgumentException(
                    "copy-forward share must lie between 0 and 1: " + copyForwardAt);
        }
    }

    /** 64 MiB files, 4 GiB in all, a sync at least every second. */
    public static WalConfig defaults() {
        return new WalConfig(
                DataSize.ofMebibytes(64), DataSize.ofGibibytes(4), Duration.ofSeconds(1), 2, 0.75);
    }
}
