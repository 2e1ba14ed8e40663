package io.lsmbd.admin.api;

import java.util.List;

/**
 * The local log.
 *
 * @param usedBytes of files that cannot be recycled yet
 * @param appendedPosition bytes appended in the log's life
 * @param syncedPosition of these, on disk for certain
 * @param files oldest first
 */
public record WalInfo(
        String directory,
        long budgetBytes,
        long usedBytes,
        long appendedPosition,
        long syncedPosition,
        List<File> files,
        List<Lag> lags) {
    public WalInfo {
        files = List.copyOf(files);
        lags = List.copyOf(lags);
    }

    /** One file; {@code volumes} is how many still need it. */
    public record File(
            String name, long firstPosition, long usedBytes, long records, int volumes) {}

    /** What one volume keeps in it. */
    public record Lag(
            String volume,
            long appendedLsn,
            long committedLsn,
            long unuploadedBytes,
            long unuploadedAgeMillis) {}
}
