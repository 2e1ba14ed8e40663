package io.lsmbd.inspect;

import io.lsmbd.admin.api.LbaInfo;
import io.lsmbd.admin.api.LbaInfo.Frame;
import io.lsmbd.admin.api.LbaInfo.LogPlace;
import io.lsmbd.admin.api.LbaInfo.Run;
import io.lsmbd.admin.api.LbaInfo.Where;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.extent.MapRuns;
import io.lsmbd.model.ByteRange;
import io.lsmbd.model.Sectors;
import io.lsmbd.segment.FrameEntry;
import io.lsmbd.segment.FrameTable;
import io.lsmbd.volume.Volume;
import io.lsmbd.wal.Wal;
import io.lsmbd.wal.WalFileInfo;
import io.lsmbd.wal.WalLocation;
import io.lsmbd.wal.WalPlace;
import io.lsmbd.wal.index.ExtentList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Finds where a range of a volume is, as a read would. One call, one thread. */
public final class LbaInspector {
    /** The longest range of one inspection. */
    private static final long MAX_RANGE_BYTES = 1L << 30;

    private static final int MAX_RUNS = 10_000;
    private final LbaSources volume;
    private final List<WalFileInfo> logFiles;
    private final MapRuns mapped = new MapRuns(1024);
    private final List<Run> found = new ArrayList<>();

    private LbaInspector(LbaSources volume) {
        this.volume = volume;
        this.logFiles = volume.logFiles();
    }

    /**
     * A range that may be inspected.
     *
     * @throws RefusedException if it may not
     */
    public static ByteRange range(long offset, long length) throws RefusedException {
        if (length < 1 || length > MAX_RANGE_BYTES) {
            throw invalid("length is from 1 to " + MAX_RANGE_BYTES);
        }
        if (offset < 0 || !Sectors.isAligned(offset) || !Sectors.isAligned(length)) {
            throw invalid("offset and length are multiples of 512");
        }
        if (offset > Sectors.toBytes(Sectors.MAX_VOLUME_SECTORS)) {
            throw invalid("no volume has a byte " + offset);
        }
        return new ByteRange(offset, length);
    }

    private static RefusedException invalid(String problem) {
        return new RefusedException(RefusedException.Reason.INVALID, problem);
    }

    /** Of an attached volume; the range is in whole sectors. */
    public static LbaInfo inspect(Volume volume, Wal wal, ByteRange range) throws StorageException {
        return inspect(new AttachedSources(volume, wal), range);
    }

    /** The range is in whole sectors; only so many runs are told, and where to go on. */
    static LbaInfo inspect(LbaSources volume, ByteRange range) throws StorageException {
        if (range.offset() > volume.sizeBytes() - range.length()) {
            throw invalid("volume %s ends at byte %d".formatted(volume.name(), volume.sizeBytes()));
        }
        var inspector = new LbaInspector(volume);
        inspector.scan(range.offset() >> Sectors.SHIFT, range.length() >> Sectors.SHIFT);
        List<Run> found = inspector.found;
        long end = found.isEmpty() ? 0 : found.getLast().offset() + found.getLast().length();
        return new LbaInfo(volume.name(), found, end < range.end() ? end : null);
    }

    private boolean isFull() {
        return found.size() >= MAX_RUNS;
    }

    /** The log's index first, as in reads: a commit moves records into the map, never out. */
    private void scan(long lba, long sectors) throws StorageException {
        var records = new ExtentList();
        volume.lookUpLog(lba, sectors, records);
        long at = lba;
        for (int i = 0; i < records.size() && !isFull(); i++) {
            scanMap(at, records.lba(i));
            at = records.lba(i) + records.sectors(i);
            addLogged(records.lba(i), records.sectors(i), records.location(i));
        }
        scanMap(at, lba + sectors);
    }

    private void scanMap(long from, long end) throws StorageException {
        long at = from;
        while (at < end && !isFull()) {
            volume.lookUpMap(at, end - at, mapped);
            for (int i = 0; i < mapped.count() && !isFull(); i++) {
                addHole(at, mapped.lba(i) - at);
                at = mapped.lba(i) + mapped.sectors(i);
                addMapped(i);
            }
            if (!isFull()) {
                addHole(at, mapped.coveredEnd() - at);
                at = mapped.coveredEnd();
            }
        }
    }

    private static ByteRange bytes(long lba, long sectors) {
        return new ByteRange(Sectors.toBytes(lba), Sectors.toBytes(sectors));
    }

    private void addHole(long lba, long sectors) {
        if (sectors > 0 && !isFull()) {
            found.add(Run.hole(bytes(lba, sectors)));
        }
    }

    private void addLogged(long lba, long sectors, long location) {
        if (!isFull()) {
            LogPlace place =
                    WalPlace.of(location, logFiles)
                            .map(it -> new LogPlace(it.file(), it.offset()))
                            .orElse(null);
            String detail = WalLocation.isHole(location) ? "zeroes, in the log" : "";
            found.add(Run.wal(bytes(lba, sectors), place, detail));
        }
    }

    /** A run may span frames: each becomes one of its own. */
    private void addMapped(int run) throws StorageException {
        long segment = mapped.segment(run);
        FrameTable frames = volume.frames(segment);
        int address = mapped.address(run);
        long lba = mapped.lba(run);
        long end = lba + mapped.sectors(run);
        while (lba < end && !isFull()) {
            int frame = FrameTable.frameOf(address);
            int frameEnd = (frame + 1) * FrameTable.frameSectors();
            int sectors = (int) Math.min(end - lba, frameEnd - address);
            found.add(
                    new Run(
                            Sectors.toBytes(lba),
                            Sectors.toBytes(sectors),
                            Where.SEGMENT,
                            segment,
                            (long) address,
                            describe(frame, frames.entry(frame)),
                            null,
                            ""));
            lba += sectors;
            address += sectors;
        }
    }

    private static Frame describe(int number, FrameEntry entry) {
        return new Frame(
                number,
                entry.offset(),
                entry.storedBytes(),
                entry.codec().name().toLowerCase(Locale.ROOT),
                "%08x".formatted(entry.storedCrc()));
    }
}
