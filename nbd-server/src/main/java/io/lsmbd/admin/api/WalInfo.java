package io.lsmbd.admin.api;

import java.util.List;

/** The local log. {@code usedBytes} are those of files in use. */
public record WalInfo(
        String directory, long budgetBytes, long usedBytes, List<File> files, List<Lag> lags) {
    public WalInfo {
        files = List.copyOf(files);
        lags = List.copyOf(lags);
    }

    /** One file; {@code state} is current, full or spare. */
    public record File(String name, long sizeBytes, long usedBytes, String state) {}

    /** What one volume keeps in it. */
    public record Lag(
            String volume,
            long appendedLsn,
            long syncedLsn,
            long committedLsn,
            long unuploadedBytes,
            long unuploadedAgeMillis) {}
}
