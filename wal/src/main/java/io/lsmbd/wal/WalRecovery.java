package io.lsmbd.wal;

import io.lsmbd.model.VolumeId;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What opening the log found. Thread-safe. */
public final class WalRecovery {
    /**
     * What one volume may have lost.
     *
     * @param unsyncedRecords found intact, though they were not known to be synced
     * @param droppedRecords intact too, but behind a torn place, so they had to be given up
     */
    public record VolumeLoss(VolumeId volume, long unsyncedRecords, long droppedRecords) {}

    /** Whether acknowledged records may be missing. */
    public enum PossibleLoss {
        /** Cleanly closed, or the host has run on: what was acknowledged is here. */
        NONE,
        /** The host stopped without a clean close: an un-synced tail may have been lost. */
        UNCLEAN_HOST_BOOT,
        /** The host has run on, yet intact records lay behind a torn one: the disk lost some. */
        TORN_WHILE_RUNNING
    }

    /**
     * For logs, metrics and people.
     *
     * @param tornTailBytes from where the log was found to end to the last trace of a record
     * @param knownSyncedPosition everything before it was known to be on disk
     * @param endPosition where the log was found to end
     * @param losses of volumes with un-synced or dropped records, by volume
     */
    public record Report(
            int files,
            int filesByDigest,
            long records,
            long tornTailBytes,
            PossibleLoss possibleLoss,
            long knownSyncedPosition,
            long endPosition,
            List<VolumeLoss> losses,
            Duration duration) {
        public Report {
            losses = List.copyOf(losses);
        }
    }

    private final WalAppender appender;
    private final Report report;
    private final Map<VolumeId, WalRecords> records;

    WalRecovery(WalAppender appender, Report report, Map<VolumeId, WalRecords> records) {
        this.appender = appender;
        this.report = report;
        this.records = new TreeMap<>(Comparator.naturalOrder());
        this.records.putAll(records);
    }

    public Report report() {
        return report;
    }

    /** Volumes with records, released ones excepted. */
    public Set<VolumeId> volumes() {
        return appender.locked(() -> Set.copyOf(records.keySet()));
    }

    /**
     * The volume's records, none if it has none or they were released. Borrows the volume: its
     * records stay where they are, and pin their files, until {@link Wal#stream} attaches it,
     * {@link Wal#discard} forgets it or {@link #giveBack} is called; so an index built from the
     * locations is right when the stream begins to report moves.
     */
    public WalRecords records(VolumeId volume) {
        return appender.locked(() -> {
            WalRecords found = records.get(volume);
            if (found == null) {
                return new WalRecords(volume);
            }
            VolumeState known = appender.volume(volume);
            known.isBorrowed = known.stream == null;
            return found;
        });
    }

    /** The caller no longer uses the volume's records and does not attach it. */
    public void giveBack(VolumeId volume) {
        appender.giveBack(volume);
    }

    /** Frees the volume's arrays. */
    public void release(VolumeId volume) {
        appender.locked(() -> {
            appender.volume(volume).recovered = null;
            return records.remove(volume);
        });
    }

    /** Frees all arrays. Volumes that are attached later find theirs by {@link Wal#records}. */
    public void release() {
        volumes().forEach(this::release);
    }
}
