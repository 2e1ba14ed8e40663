package io.lsmbd.admin.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The local log.
 *
 * @param budgetBytes absent without a daemon
 * @param usedBytes of files that cannot be recycled yet
 * @param appendedPosition bytes appended in the log's life
 * @param syncedPosition of these, on disk for certain
 * @param files oldest first
 * @param lags none without a daemon
 * @param found only without a daemon: how the next opening would find the log
 */
public record WalInfo(
        String directory,
        @Nullable Long budgetBytes,
        long usedBytes,
        long appendedPosition,
        long syncedPosition,
        List<File> files,
        List<Lag> lags,
        @Nullable Found found) {
    public WalInfo {
        files = List.copyOf(files);
        lags = List.copyOf(lags);
    }

    /**
     * One file.
     *
     * @param volumes how many still need it; without a daemon, how many have records in it
     */
    public record File(
            String name,
            long sequence,
            long firstPosition,
            long usedBytes,
            long records,
            int volumes) {}

    /** What one volume keeps in it. */
    public record Lag(
            String volume,
            long appendedLsn,
            long committedLsn,
            long unuploadedBytes,
            long unuploadedAgeMillis) {}

    /**
     * A log that is not open.
     *
     * @param end absent if it is damaged
     * @param damage then nothing behind it was looked at
     * @param possibleLoss whether acknowledged records may be missing
     * @param filesAhead prepared and unused, or behind the damage
     * @param filesDropped beside the log: an earlier recovery gave their records up
     */
    public record Found(
            @Nullable End end,
            @Nullable Damage damage,
            Close close,
            Boot boot,
            Loss possibleLoss,
            int filesAhead,
            int filesDropped,
            List<Part> volumes) {
        public Found {
            volumes = List.copyOf(volumes);
        }
    }

    /**
     * Where the log ends.
     *
     * @param reason what is there instead of a record
     * @param tornBytes from there to the last trace of a record
     * @param recordsBehind intact records behind a torn one
     */
    public record End(
            String file, long offset, String reason, long tornBytes, long recordsBehind) {}

    /** What does not fit its checksum, or is missing. */
    public record Damage(String file, long offset, String problem) {}

    /**
     * What one volume has in the log, what segments hold already included.
     *
     * @param volume its id
     * @param bytes of headers and payloads
     */
    public record Part(
            String volume,
            long records,
            long bytes,
            long firstLsn,
            long lastLsn,
            long firstEpoch,
            long lastEpoch) {}

    /** How the log was left. */
    public enum Close {
        @JsonProperty("clean")
        CLEAN,
        /** A daemon uses it, or ended without closing it. */
        @JsonProperty("not-closed")
        NOT_CLOSED
    }

    /** Which run of the host's kernel wrote to it last. */
    public enum Boot {
        @JsonProperty("same")
        SAME,
        @JsonProperty("other")
        OTHER
    }

    /** Why acknowledged records may be missing. */
    public enum Loss {
        @JsonProperty("none")
        NONE,
        @JsonProperty("unclean-host-boot")
        UNCLEAN_HOST_BOOT,
        @JsonProperty("torn-while-running")
        TORN_WHILE_RUNNING
    }
}
