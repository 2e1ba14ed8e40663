package io.lsmbd.gc;

import io.lsmbd.error.StorageException;
import io.lsmbd.extent.ExtentMap;
import io.lsmbd.extent.MapRuns;
import io.lsmbd.extent.SegmentUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts live sectors anew from a map and compares them with the counts that are kept (invariant 5:
 * live counts equal a recount from the maps). Reads the whole map; the map must not change
 * meanwhile. Takes memory for each segment that is referred to.
 */
public final class Recount {
    private static final int RUNS = 4096;

    /** A segment whose kept count is not what the map says. */
    public record Difference(long segment, long counted, long kept) {}

    private Recount() {}

    /** Differences by segment; none if the counts are right. Blocks while pages are loaded. */
    public static List<Difference> check(ExtentMap map, long volumeSectors)
            throws StorageException {
        Map<Long, Long> counted = count(map, volumeSectors);
        List<Difference> differences = new ArrayList<>();
        map.segments().forEach(usage -> compare(usage, counted, differences));
        // What is left is referred to by the map and not known to the table at all.
        counted.forEach((segment, live) -> differences.add(new Difference(segment, live, 0)));
        return List.copyOf(differences);
    }

    private static void compare(
            SegmentUsage usage, Map<Long, Long> counted, List<Difference> differences) {
        Long live = counted.remove(usage.segment());
        long found = live == null ? 0 : live;
        if (found != usage.liveSectors()) {
            differences.add(new Difference(usage.segment(), found, usage.liveSectors()));
        }
    }

    private static Map<Long, Long> count(ExtentMap map, long volumeSectors)
            throws StorageException {
        Map<Long, Long> live = new TreeMap<>();
        MapRuns runs = new MapRuns(RUNS);
        for (long at = 0; at < volumeSectors; at = runs.coveredEnd()) {
            map.lookup(at, volumeSectors - at, runs);
            for (int i = 0; i < runs.count(); i++) {
                live.merge(runs.segment(i), runs.sectors(i), Long::sum);
            }
        }
        return live;
    }
}
