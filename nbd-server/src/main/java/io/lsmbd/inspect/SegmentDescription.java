package io.lsmbd.inspect;

import io.lsmbd.admin.api.SegmentDetail;
import io.lsmbd.admin.api.SegmentDetail.ExtentInfo;
import io.lsmbd.admin.api.SegmentDetail.FrameInfo;
import io.lsmbd.admin.api.SegmentDetail.Verified;
import io.lsmbd.model.Sectors;
import io.lsmbd.model.VolumeName;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.segment.ExtentTable;
import io.lsmbd.segment.FrameEntry;
import io.lsmbd.segment.FrameTable;
import io.lsmbd.segment.SegmentIdentity;
import io.lsmbd.segment.SegmentReport;
import io.lsmbd.segment.SegmentTables;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A segment's tables as a record of the API. */
final class SegmentDescription {
    private SegmentDescription() {}

    static SegmentDetail of(
            VolumeName name, ObjectKey key, SegmentTables tables, @Nullable SegmentReport report) {
        SegmentIdentity identity = tables.identity();
        return new SegmentDetail(
                name.value(),
                identity.number(),
                key.value(),
                tables.objectBytes(),
                identity.epoch(),
                identity.firstLsn(),
                identity.lastLsn(),
                Instant.ofEpochMilli(identity.wallMillis()).toString(),
                frames(tables.frames()),
                extents(tables.extents()),
                report == null ? null : verified(report));
    }

    private static List<FrameInfo> frames(FrameTable table) {
        List<FrameInfo> frames = new ArrayList<>();
        long sector = 0;
        for (int i = 0; i < table.count(); i++) {
            FrameEntry entry = table.entry(i);
            long sectors = entry.plainBytes() >> Sectors.SHIFT;
            frames.add(
                    new FrameInfo(
                            sector,
                            sectors,
                            entry.offset(),
                            entry.storedBytes(),
                            entry.codec().name().toLowerCase(Locale.ROOT),
                            "%08x".formatted(entry.storedCrc())));
            sector += sectors;
        }
        return frames;
    }

    private static List<ExtentInfo> extents(ExtentTable table) {
        List<ExtentInfo> extents = new ArrayList<>();
        for (int i = 0; i < table.count(); i++) {
            extents.add(
                    new ExtentInfo(
                            table.lba(i),
                            table.sectors(i),
                            table.isHole(i) ? null : (long) table.address(i)));
        }
        return extents;
    }

    private static Verified verified(SegmentReport report) {
        return new Verified(
                report.objectBytes(),
                report.problems().stream().map(e -> String.valueOf(e.getMessage())).toList());
    }
}
