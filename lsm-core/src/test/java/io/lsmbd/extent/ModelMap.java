package io.lsmbd.extent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What an extent map should say: runs by their first LBA. */
final class ModelMap {
    private record Run(long sectors, long segment, long address) {}

    private final TreeMap<Long, Run> runs = new TreeMap<>();

    void apply(long segment, SegmentExtents extents) {
        for (int i = 0; i < extents.count(); i++) {
            clear(extents.lba(i), extents.lba(i) + extents.sectors(i));
            if (!extents.isHole(i)) {
                runs.put(extents.lba(i), new Run(extents.sectors(i), segment, extents.address(i)));
            }
        }
    }

    private void clear(long from, long to) {
        splitAt(from);
        splitAt(to);
        runs.subMap(from, to).clear();
    }

    private void splitAt(long lba) {
        Map.Entry<Long, Run> before = runs.lowerEntry(lba);
        if (before != null && before.getKey() + before.getValue().sectors() > lba) {
            Run run = before.getValue();
            long head = lba - before.getKey();
            runs.put(before.getKey(), new Run(head, run.segment(), run.address()));
            runs.put(lba, new Run(run.sectors() - head, run.segment(), run.address() + head));
        }
    }

    /** Runs as "lba+sectors=segment:address", neighbours merged, clipped to the range. */
    List<String> runs(long from, long to) {
        List<String> out = new ArrayList<>();
        Map.Entry<Long, Run> first = runs.floorEntry(from);
        long[] last = null;
        for (Map.Entry<Long, Run> entry :
                runs.tailMap(first == null ? from : first.getKey(), true).entrySet()) {
            Run run = entry.getValue();
            long start = Math.max(from, entry.getKey());
            long end = Math.min(to, entry.getKey() + run.sectors());
            if (start >= to) {
                break;
            }
            if (start >= end) {
                continue;
            }
            long address = run.address() + start - entry.getKey();
            if (last != null
                    && last[0] + last[1] == start
                    && last[2] == run.segment()
                    && last[3] + last[1] == address) {
                last[1] += end - start;
                continue;
            }
            if (last != null) {
                out.add(text(last));
            }
            last = new long[] {start, end - start, run.segment(), address};
        }
        if (last != null) {
            out.add(text(last));
        }
        return out;
    }

    private static String text(long[] run) {
        return "%d+%d=%d:%d".formatted(run[0], run[1], run[2], run[3]);
    }

    static List<String> text(MapRuns runs) {
        List<String> out = new ArrayList<>();
        for (int i = 0; i < runs.count(); i++) {
            out.add(
                    text(
                            new long[] {
                                runs.lba(i), runs.sectors(i), runs.segment(i), runs.address(i)
                            }));
        }
        return out;
    }

    /** Invariant 5: live counts equal a recount. */
    void assertCounts(SegmentTable table) {
        Map<Long, Long> live = new TreeMap<>();
        runs.values().forEach(run -> live.merge(run.segment(), run.sectors(), Long::sum));
        Map<Long, Long> counted = new TreeMap<>();
        table.forEach(usage -> {
            if (usage.liveSectors() > 0) {
                counted.put(usage.segment(), (long) usage.liveSectors());
            }
        });
        assertThat(counted).isEqualTo(live);
        assertThat(table.mappedSectors())
                .isEqualTo(live.values().stream().mapToLong(Long::longValue).sum());
    }

    /** A map's way to be asked. */
    interface Lookup {
        void lookup(long lba, long sectors, MapRuns out) throws IOException;
    }

    void assertSame(ExtentMap map, int maxRuns) throws IOException {
        assertSame(map::lookup, maxRuns);
        assertCounts(map.segments());
    }

    /** The whole volume, in pieces of {@code maxRuns}. */
    void assertSame(Lookup map, int maxRuns) throws IOException {
        long end = 1L << 41;
        MapRuns out = new MapRuns(maxRuns);
        List<String> found = new ArrayList<>();
        for (long at = 0; at < end; at = out.coveredEnd()) {
            map.lookup(at, end - at, out);
            found.addAll(text(out));
            assertThat(out.isComplete()).isEqualTo(out.coveredEnd() == end);
        }
        List<String> expected = runs(0, end);
        for (int i = 0; i < Math.min(found.size(), expected.size()); i++) {
            assertThat(found.get(i)).as("run %d", i).isEqualTo(expected.get(i));
        }
        assertThat(found).hasSameSizeAs(expected);
    }
}
