package io.lsmbd.inspect;

import io.lsmbd.admin.api.VolumeDetail;
import io.lsmbd.admin.api.VolumeDetail.LeaseInfo;
import io.lsmbd.admin.api.VolumeDetail.LogPart;
import io.lsmbd.admin.api.VolumeDetail.Positions;
import io.lsmbd.admin.api.VolumeDetail.SegmentSpace;
import io.lsmbd.admin.api.VolumeInfo;
import io.lsmbd.extent.SegmentTable;
import io.lsmbd.manifest.Lease;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.manifest.Writer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What there is to tell of a volume's inside, attached or not.
 *
 * @param committedSegment the last number in use
 * @param log only if a log was looked into
 */
public record VolumeInsides(
        Manifest manifest,
        long committedSegment,
        SegmentTable segments,
        Positions positions,
        @Nullable LogPart log) {
    /** Whether each segment is told of. */
    public enum Segments {
        TOTALS,
        EACH
    }

    /** As a record of the API. */
    public VolumeDetail describe(VolumeInfo info, Segments wanted) {
        Writer writer = manifest.writer();
        Lease lease = manifest.lease();
        Space space = Space.of(segments);
        return new VolumeDetail(
                info,
                manifest.epoch(),
                writer == null ? "nobody" : writer.process(),
                lease == null ? null : new LeaseInfo(lease.durationMillis(), lease.renewals()),
                manifest.checkpoint().segment(),
                committedSegment,
                space.liveSectors(),
                space.deadSectors(),
                positions,
                log,
                wanted == Segments.EACH ? each() : null);
    }

    private List<SegmentSpace> each() {
        List<SegmentSpace> all = new ArrayList<>();
        segments.forEach(usage ->
                all.add(
                        new SegmentSpace(
                                usage.segment(),
                                usage.totalSectors(),
                                usage.liveSectors(),
                                usage.storedBytes())));
        return all;
    }
}
