package io.lsmbd.wal;

import io.lsmbd.env.LogDirectory;
import io.lsmbd.env.LogFile;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.model.VolumeId;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One look at a log for {@link WalInspection}: recovery's steps up to its first change. */
final class LogLook implements AutoCloseable {
    private final LogFiles names;
    private final LogDirectory directory;
    private final Scratch window;
    private final Map<Long, Tally> tallies = new HashMap<>();
    private List<WalFile> all = List.of();
    private @Nullable LogChain chain;
    private @Nullable LogScan scan;
    private @Nullable CorruptDataException damage;

    LogLook(LogFiles names, Scratch window) {
        this.names = names;
        this.directory = names.directory();
        this.window = window;
    }

    /** What one volume has. */
    private static final class Tally {
        private long records;
        private long bytes;
        private long firstLsn = Long.MAX_VALUE;
        private long lastLsn;
        private long firstEpoch = Long.MAX_VALUE;
        private long lastEpoch;

        void add(DigestFormat.Entry record) {
            records++;
            bytes += record.length();
            firstLsn = Math.min(firstLsn, record.lsn());
            lastLsn = Math.max(lastLsn, record.lsn());
            firstEpoch = Math.min(firstEpoch, record.epoch());
            lastEpoch = Math.max(lastEpoch, record.epoch());
        }

        WalReport.Part of(long volume) {
            return new WalReport.Part(
                    new VolumeId(volume), records, bytes, firstLsn, lastLsn, firstEpoch, lastEpoch);
        }
    }

    /**
     * Looks. Returns false if a file left the log between its listing and its opening.
     *
     * @param kept the volumes whose records are kept
     */
    boolean run(Set<VolumeId> kept) throws StorageException {
        try {
            Optional<SyncedFormat> hint = readHint(names);
            all = names.openAll();
            if (all.isEmpty() && hint.isEmpty()) {
                throw noLog(names);
            }
            chain = LogChain.of(all, names);
            scan = new LogScan(chain, names, WalDigests.none(), hint, window, watcher(kept));
            scan.run();
            return true;
        } catch (CorruptDataException e) {
            damage = e;
            return true;
        } catch (LocalStorageException e) {
            if (e.getCause() instanceof NoSuchFileException) {
                return false;
            }
            throw e;
        }
    }

    private LogScan.Watcher watcher(Set<VolumeId> kept) {
        return record -> {
            tallies.computeIfAbsent(record.volume(), _ -> new Tally()).add(record);
            return kept.contains(new VolumeId(record.volume()));
        };
    }

    /** Before all else: what is known to be synced now is there when the files are read. */
    static Optional<SyncedFormat> readHint(LogFiles names) throws StorageException {
        LogDirectory directory = names.directory();
        try {
            if (!directory.list().contains(LogFiles.SYNCED_NAME)) {
                return Optional.empty();
            }
            try (LogFile file = directory.open(LogFiles.SYNCED_NAME)) {
                return names.readHint(file);
            }
        } catch (IOException e) {
            throw LogFiles.failure("reading " + names.path(LogFiles.SYNCED_NAME), e);
        }
    }

    static RefusedException noLog(LogFiles names) throws StorageException {
        LogDirectory directory = names.directory();
        try {
            return new RefusedException(
                    RefusedException.Reason.INVALID,
                    "there is no log in %s: no file like %s%s"
                            .formatted(
                                    directory.path(),
                                    LogFiles.name(1),
                                    directory.list().contains("wal")
                                            ? "; try " + names.path("wal")
                                            : ""));
        } catch (IOException e) {
            throw LogFiles.failure("listing " + directory.path(), e);
        }
    }

    Optional<CorruptDataException> damage() {
        return Optional.ofNullable(damage);
    }

    /** Whether no file that was read has been given to new records meanwhile. */
    boolean isStillTheSame() throws StorageException {
        for (WalFile file : files()) {
            if (!isStillTheSame(names, file)) {
                return false;
            }
        }
        return true;
    }

    static boolean isStillTheSame(LogFiles names, WalFile file) throws StorageException {
        try {
            return names.readHeader(file.io).equals(file.header);
        } catch (CorruptDataException | CorruptFormatException | RefusedException _) {
            return false;
        } catch (IOException e) {
            throw LogFiles.failure("reading " + names.path(file.name), e);
        }
    }

    /** The files up to the log's end, or up to the damage, oldest first. */
    List<WalFile> files() {
        if (chain == null || scan == null) {
            return all;
        }
        List<WalFile> inLog = chain.files();
        if (damage == null) {
            return inLog.subList(0, scan.lastFile + 1);
        }
        for (int i = 0; i < inLog.size(); i++) {
            if (names.path(inLog.get(i).name).equals(damage.where())) {
                return inLog.subList(0, i + 1);
            }
        }
        return inLog;
    }

    /** A kept volume's records, sorted; empty if it has none. */
    WalRecords records(VolumeId volume) {
        WalRecords found = scan == null ? null : scan.records.get(volume.value());
        return found == null ? new WalRecords(volume) : found.sort();
    }

    WalReport report(String bootId) throws StorageException {
        List<WalFile> files = files();
        int dropped = chain == null ? 0 : chain.dead().size();
        boolean isSameBoot = !all.isEmpty() && all.getLast().header.bootId().equals(bootId);
        return new WalReport(
                directory.path(),
                files.stream().map(LogLook::describe).toList(),
                usedBytes(files),
                all.size() - files.size() - dropped,
                dropped,
                tallies.entrySet().stream()
                        .map(it -> it.getValue().of(it.getKey()))
                        .sorted(Comparator.comparing(WalReport.Part::volume))
                        .toList(),
                end(),
                scan == null ? 0 : scan.synced,
                scan != null && scan.isCleanlyClosed
                        ? WalReport.Close.CLEAN
                        : WalReport.Close.NOT_CLOSED,
                isSameBoot ? WalReport.Boot.SAME : WalReport.Boot.OTHER,
                scan == null || damage != null
                        ? WalRecovery.PossibleLoss.NONE
                        : WalReplay.possibleLoss(all, scan, names, bootId),
                damage());
    }

    private static long usedBytes(List<WalFile> files) {
        long used = files.isEmpty() ? 0 : files.getLast().usedBytes();
        for (WalFile file : files.subList(0, Math.max(0, files.size() - 1))) {
            used += file.header.size();
        }
        return used;
    }

    private Optional<WalReport.End> end() {
        if (scan == null || damage != null) {
            return Optional.empty();
        }
        WalFile last = files().getLast();
        return Optional.of(
                new WalReport.End(
                        last.name,
                        last.offset(scan.end),
                        scan.end,
                        scan.stop,
                        scan.lastTrace - scan.end,
                        scan.dropped.values().stream().mapToLong(Long::longValue).sum()));
    }

    private static WalFileInfo describe(WalFile file) {
        return new WalFileInfo(
                file.name,
                file.header.sequence(),
                file.base(),
                file.usedBytes(),
                file.records(),
                file.uses().stream().map(use -> use.volume.id).sorted().toList());
    }

    @Override
    public void close() {
        all.forEach(LogFiles::closeQuietly);
    }
}
