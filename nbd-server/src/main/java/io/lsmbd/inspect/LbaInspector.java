package io.lsmbd.inspect;

import io.lsmbd.admin.api.LbaInfo;
import io.lsmbd.admin.api.LbaInfo.Run;
import io.lsmbd.admin.api.LbaInfo.Where;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.extent.MapRuns;
import io.lsmbd.model.ByteRange;
import io.lsmbd.model.Sectors;
import io.lsmbd.volume.Volume;
import io.lsmbd.wal.WalLocation;
import io.lsmbd.wal.index.ExtentList;
import java.util.ArrayList;
import java.util.List;

/** Finds where a range of an attached volume is, as a read would. One call, one thread. */
public final class LbaInspector {
    private static final int MAX_RUNS = 10_000;
    private final Volume volume;
    private final MapRuns mapped = new MapRuns(1024);
    private final List<Run> found = new ArrayList<>();

    private LbaInspector(Volume volume) {
        this.volume = volume;
    }

    /** The range is in whole sectors; only the first ten thousand runs are told. */
    public static LbaInfo inspect(Volume volume, ByteRange range) throws StorageException {
        if (range.offset() > volume.sizeBytes() - range.length()) {
            throw new RefusedException(
                    RefusedException.Reason.INVALID,
                    "volume %s ends at byte %d".formatted(volume.name(), volume.sizeBytes()));
        }
        var inspector = new LbaInspector(volume);
        inspector.scan(range.offset() >> Sectors.SHIFT, range.length() >> Sectors.SHIFT);
        return new LbaInfo(volume.name(), inspector.found);
    }

    /** The log's index first, as in reads: a commit moves records into the map, never out. */
    private void scan(long lba, long sectors) throws StorageException {
        var records = new ExtentList();
        volume.walIndex().lookup(lba, sectors, records);
        long at = lba;
        for (int i = 0; i < records.size(); i++) {
            scanMap(at, records.lba(i));
            at = records.lba(i) + records.sectors(i);
            boolean isHole = WalLocation.isHole(records.location(i));
            String detail = isHole ? "zeroes, in the log" : "";
            add(Where.WAL, records.lba(i), records.sectors(i), detail);
        }
        scanMap(at, lba + sectors);
    }

    private void scanMap(long from, long end) throws StorageException {
        long at = from;
        while (at < end && found.size() < MAX_RUNS) {
            volume.map().lookup(at, end - at, mapped);
            for (int i = 0; i < mapped.count(); i++) {
                add(Where.HOLE, at, mapped.lba(i) - at, "");
                at = mapped.lba(i) + mapped.sectors(i);
                add(mapped, i);
            }
            add(Where.HOLE, at, mapped.coveredEnd() - at, "");
            at = mapped.coveredEnd();
        }
    }

    private void add(Where where, long lba, long sectors, String detail) {
        if (sectors > 0) {
            found.add(
                    new Run(
                            Sectors.toBytes(lba),
                            Sectors.toBytes(sectors),
                            where,
                            null,
                            null,
                            detail));
        }
    }

    private void add(MapRuns runs, int i) {
        found.add(
                new Run(
                        Sectors.toBytes(runs.lba(i)),
                        Sectors.toBytes(runs.sectors(i)),
                        Where.SEGMENT,
                        runs.segment(i),
                        (long) runs.address(i),
                        ""));
    }
}
