package io.lsmbd.extent;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.env.Task;
import io.lsmbd.model.DataSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Readers look up while segments are applied, pages written back, evicted, checkpointed and loaded
 * again. Every region is rewritten or trimmed as a whole, so a reader knows which answers are new
 * enough: none older than what was applied when it began.
 */
class ExtentMapConcurrencyTest {
    private static final int SEGMENTS = 1500;
    private static final int REGIONS = 600;
    private static final int READERS = 3;

    @TempDir Path temp;

    /** By region: the segment that last wrote it, negative if that trimmed it. */
    private final AtomicLongArray applied = new AtomicLongArray(REGIONS);

    /** The same, from before the segment was applied. */
    private final AtomicLongArray begun = new AtomicLongArray(REGIONS);

    private final AtomicLong latest = new AtomicLong();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

    private static long lbaOf(int region) {
        // Three to a page, with pages in several nodes of the tree.
        return ((region / 3 * 37L) << MapPage.SHIFT) + region % 3 * 1000L;
    }

    @Test
    void readersNeverSeeWhatIsOlderThanTheirQuestion() throws IOException {
        ExtentMapConfig config =
                new ExtentMapConfig(new DataSize(4000), new DataSize(5000), new DataSize(2000));
        try (MapBench bench = new MapBench(temp, new DataSize(256 << 10), config)) {
            bench.budget.charge(bench.budget.limitBytes() - 20_000);
            List<Task> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                long seed = i;
                ExtentMap map = bench.map;
                readers.add(bench.environment.spawn("reader-" + i, () -> read(map, seed)));
            }
            try {
                write(bench);
            } finally {
                latest.set(SEGMENTS);
                readers.forEach(Task::join);
            }
            assertThat(wrong).isEmpty();
            assertThat(bench.budget.evictions()).isPositive();
        }
    }

    private void write(MapBench bench) throws IOException {
        Random random = new Random(5);
        for (int segment = 1; segment <= SEGMENTS && wrong.isEmpty(); segment++) {
            int first = random.nextInt(REGIONS);
            int count = 1 + random.nextInt(12);
            List<RandomSegment.Extent> extents = new ArrayList<>();
            boolean isTrim = random.nextInt(4) == 0;
            for (int region = first; region < Math.min(REGIONS, first + count); region++) {
                extents.add(
                        new RandomSegment.Extent(
                                lbaOf(region), 8, isTrim, isTrim ? 0 : region * 8));
            }
            note(begun, extents, first, isTrim ? -segment : segment);
            bench.map.apply(segment, new RandomSegment(extents), Displaced.ignored());
            note(applied, extents, first, isTrim ? -segment : segment);
            latest.set(Math.min(segment, SEGMENTS - 1));
            if (random.nextInt(50) == 0) {
                bench.checkpoint();
            }
        }
    }

    private static void note(
            AtomicLongArray where, List<RandomSegment.Extent> extents, int first, long what) {
        for (int i = 0; i < extents.size(); i++) {
            where.set(first + i, what);
        }
    }

    private void read(ExtentMap map, long seed) {
        Random random = new Random(seed);
        MapRuns out = new MapRuns(10);
        while (latest.get() < SEGMENTS) {
            int region = random.nextInt(REGIONS);
            long before = applied.get(region);
            try {
                map.lookup(lbaOf(region), 8, out);
            } catch (IOException | RuntimeException e) {
                wrong.add("region " + region + ": " + e);
                return;
            }
            long found = out.count() == 0 ? 0 : out.segment(0);
            boolean isUnchanged = begun.get(region) == before;
            boolean isRight = isUnchanged ? found == Math.max(0, before) : !isOlder(found, before);
            if (!isRight) {
                wrong.add("region %d: found %d, was %d".formatted(region, found, before));
            }
        }
    }

    private static boolean isOlder(long found, long before) {
        return found != 0 && found < Math.abs(before);
    }
}
