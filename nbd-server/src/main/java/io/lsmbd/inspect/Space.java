package io.lsmbd.inspect;

import io.lsmbd.extent.SegmentTable;
import io.lsmbd.extent.SegmentUsage;
import java.util.concurrent.atomic.LongAdder;

/** Sectors of all segments, by whether the map still refers to them, and their objects. */
public record Space(long liveSectors, long deadSectors, long storedBytes) {
    public static final Space NONE = new Space(0, 0, 0);

    /** Adds all segments up. */
    public static Space of(SegmentTable segments) {
        var live = new LongAdder();
        var total = new LongAdder();
        var stored = new LongAdder();
        segments.forEach((SegmentUsage usage) -> {
            live.add(usage.liveSectors());
            total.add(usage.totalSectors());
            stored.add(usage.storedBytes());
        });
        return new Space(live.sum(), total.sum() - live.sum(), stored.sum());
    }
}
