package io.lsmbd.wal;

import io.lsmbd.env.Environment;
import io.lsmbd.env.LogFile;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.VolumeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovery: reads the log, makes what it found durable, and starts a fresh file behind it. It may
 * be killed and repeated at any step; the fresh file's name is the commit point.
 */
final class WalReplay {
    private static final Logger log = LoggerFactory.getLogger(WalReplay.class);
    private static final int COPY_BYTES = 1 << 20;

    private final Environment env;
    private final LogFiles files;
    private final WalDigests digests;
    private final Scratch window;

    /** What the log consists of, the fresh file last. */
    record Outcome(
            List<WalFile> live,
            Map<Long, VolumeState> volumes,
            Map<VolumeId, WalRecords> records,
            WalRecovery.Report report) {}

    WalReplay(Environment env, LogFiles files, WalDigests digests, Scratch window) {
        this.window = window;
        this.env = env;
        this.files = files;
        this.digests = digests;
    }

    Outcome run(LogFile hintFile) throws StorageException {
        long began = env.nanoClock().nanos();
        List<WalFile> all = files.openAll();
        try {
            LogChain chain = LogChain.of(all, files);
            LogScan scan = new LogScan(chain, files, digests, files.readHint(hintFile), window);
            scan.run();
            List<WalFile> live = new ArrayList<>(chain.files().subList(0, scan.lastFile + 1));
            for (WalFile file : live) {
                rewrite(file, Math.max(scan.synced, file.header.firstRecord()), file.end());
            }
            // Before the fresh file hides that another boot wrote the last one.
            if (possibleLoss(all, scan) != WalRecovery.PossibleLoss.NONE) {
                files.rememberLoss();
            }
            live.add(startFresh(all, chain, scan));
            for (int i = 0; i <= scan.lastFile; i++) {
                live.get(i).isCut = i == scan.lastFile || chain.isCut(i);
            }
            Map<VolumeId, WalRecords> records = new TreeMap<>(Comparator.naturalOrder());
            scan.records.values().forEach(it -> records.put(it.volume(), it.sort()));
            Duration took = Duration.ofNanos(env.nanoClock().nanos() - began);
            return new Outcome(live, scan.volumes, records, report(all, scan, records, took));
        } catch (StorageException e) {
            all.forEach(LogFiles::closeQuietly);
            throw e;
        }
    }

    /**
     * Writes a part again as it is and syncs it. A process that died after a failed sync may have
     * left pages that look clean, so a sync alone would promise too much.
     */
    private void rewrite(WalFile file, long from, long to) throws StorageException {
        if (from >= to) {
            return;
        }
        try {
            ByteBuffer bytes = ByteBuffer.allocateDirect((int) Math.min(COPY_BYTES, to - from));
            for (long at = from; at < to; at += bytes.limit()) {
                bytes.clear().limit((int) Math.min(bytes.capacity(), to - at));
                int count = file.io.read(file.offset(at), bytes);
                if (count < bytes.limit()) {
                    throw new IOException("the file ends while it is read");
                }
                file.io.write(file.offset(at), bytes.flip());
            }
            file.io.sync();
        } catch (IOException e) {
            throw LogFiles.failure("syncing " + files.path(file.name), e);
        }
    }

    /** 1. Unused files become spares; 2. the fresh file; 3. dropped files become spares. */
    private WalFile startFresh(List<WalFile> all, LogChain chain, LogScan scan)
            throws StorageException {
        for (WalFile file : chain.dead()) {
            retire(file);
        }
        // From the newest down, so that at any time each file's predecessor is there.
        int dropped = chain.files().size();
        while (dropped > scan.lastFile + 1
                && chain.files().get(dropped - 1).base() >= scan.lastTrace) {
            retire(chain.files().get(--dropped));
        }
        WalFile last = scan.lastFile < 0 ? null : chain.files().get(scan.lastFile);
        LogFiles.Place place =
                last == null
                        ? new LogFiles.Place(1, 0, 0, 0, 0)
                        : new LogFiles.Place(
                                all.getLast().header.sequence() + 1,
                                all.getLast().header.limit(),
                                last.header.sequence(),
                                scan.end,
                                scan.end);
        WalFile fresh;
        try {
            fresh = files.prepare(place);
        } catch (IOException e) {
            throw LogFiles.failure("making " + files.path(LogFiles.name(place.sequence())), e);
        }
        for (WalFile file : chain.files().subList(scan.lastFile + 1, dropped)) {
            retire(file);
        }
        return fresh;
    }

    private void retire(WalFile file) throws StorageException {
        files.retire(file);
        try {
            digests.delete(file.header.uuid());
        } catch (StorageException e) {
            log.warn("wal digest cannot be deleted name={}", file.name, e);
        }
    }

    private WalRecovery.Report report(
            List<WalFile> all, LogScan scan, Map<VolumeId, WalRecords> records, Duration took)
            throws StorageException {
        return new WalRecovery.Report(
                scan.lastFile + 1,
                scan.filesByDigest,
                scan.recordCount,
                scan.lastTrace - scan.end,
                possibleLoss(all, scan),
                scan.synced,
                scan.end,
                losses(scan, records),
                took);
    }

    private WalRecovery.PossibleLoss possibleLoss(List<WalFile> all, LogScan scan)
            throws StorageException {
        return possibleLoss(all, scan, files, env.bootId());
    }

    /** Whether acknowledged records may be missing, as of the last run or of one before. */
    static WalRecovery.PossibleLoss possibleLoss(
            List<WalFile> all, LogScan scan, LogFiles files, String bootId)
            throws StorageException {
        WalRecovery.PossibleLoss now = lossOfLastRun(all, scan, bootId);
        return now == WalRecovery.PossibleLoss.NONE && files.remembersLoss()
                ? WalRecovery.PossibleLoss.UNCLEAN_HOST_BOOT
                : now;
    }

    private static WalRecovery.PossibleLoss lossOfLastRun(
            List<WalFile> all, LogScan scan, String bootId) {
        if (all.isEmpty() || scan.isCleanlyClosed) {
            return WalRecovery.PossibleLoss.NONE;
        }
        if (!all.getLast().header.bootId().equals(bootId)) {
            return WalRecovery.PossibleLoss.UNCLEAN_HOST_BOOT;
        }
        return scan.dropped.isEmpty()
                ? WalRecovery.PossibleLoss.NONE
                : WalRecovery.PossibleLoss.TORN_WHILE_RUNNING;
    }

    private static List<WalRecovery.VolumeLoss> losses(
            LogScan scan, Map<VolumeId, WalRecords> records) {
        Map<VolumeId, Long> unsynced = new TreeMap<>(Comparator.naturalOrder());
        records.forEach((id, it) -> unsynced.put(id, it.countFrom(scan.synced)));
        scan.dropped.keySet().forEach(id -> unsynced.putIfAbsent(new VolumeId(id), 0L));
        List<WalRecovery.VolumeLoss> losses = new ArrayList<>();
        unsynced.forEach((id, count) -> {
            long dropped = scan.dropped.getOrDefault(id.value(), 0L);
            if (count + dropped > 0) {
                losses.add(new WalRecovery.VolumeLoss(id, count, dropped));
            }
        });
        return losses;
    }
}
