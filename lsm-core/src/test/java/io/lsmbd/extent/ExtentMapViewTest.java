package io.lsmbd.extent;

import static io.lsmbd.extent.RandomSegment.data;
import static io.lsmbd.extent.RandomSegment.hole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.model.DataSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A map made of a checkpoint and the segments after it says what the applied map says. */
class ExtentMapViewTest {
    private static final int SEGMENTS = 40;
    private static final DataSize BUDGET = new DataSize(256 << 10);

    @TempDir Path temp;
    private final List<SegmentExtents> history = new ArrayList<>();
    private final ModelMap model = new ModelMap();

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 5 * Long.getLong("sim.runs", 1));
    }

    private void apply(MapBench bench, SegmentExtents extents) throws IOException {
        history.add(extents);
        model.apply(history.size(), extents);
        bench.map.apply(history.size(), extents, Displaced.ignored());
    }

    private ExtentMapView view(MapBench bench) throws IOException {
        ExtentMapView view =
                ExtentMapView.open(bench.sources(null), new PageBudget(BUDGET), bench.published);
        long from = bench.published == null ? 0 : bench.published.segment();
        for (long segment = from + 1; segment <= history.size(); segment++) {
            view.add(segment, history.get((int) segment - 1));
        }
        return view;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void theViewSaysWhatTheModelSays(long seed) throws IOException {
        Random random = new Random(seed);
        try (MapBench bench = new MapBench(temp, BUDGET, ExtentMapConfig.DEFAULT)) {
            for (int i = 0; i < SEGMENTS; i++) {
                apply(bench, RandomSegment.next(random));
                if (random.nextInt(8) == 0) {
                    bench.checkpoint();
                }
                if (random.nextInt(4) == 0) {
                    assertViewRight(bench, random);
                }
            }
            assertViewRight(bench, random);
        }
    }

    private void assertViewRight(MapBench bench, Random random) throws IOException {
        try (ExtentMapView view = view(bench)) {
            // Counting must not depend on what was looked up before.
            if (random.nextBoolean()) {
                model.assertCounts(view.segments());
            }
            model.assertSame(view::lookup, 1 + random.nextInt(300));
            model.assertCounts(view.segments());
            List<SegmentUsage> usages = new ArrayList<>();
            view.segments().forEach(usages::add);
            List<SegmentUsage> expected = new ArrayList<>();
            bench.map.segments().forEach(expected::add);
            assertThat(usages).isEqualTo(expected);
        }
    }

    @Test
    void aHugeHoleCostsWhatIsThereAndNotWhatItCovers() throws IOException {
        try (MapBench bench = new MapBench(temp, BUDGET, ExtentMapConfig.DEFAULT)) {
            apply(bench, RandomSegment.of(data(1L << 40, 8, 0)));
            bench.checkpoint();
            apply(bench, RandomSegment.of(data(8, 8, 0)));
            apply(bench, RandomSegment.of(hole(0, 1L << 41)));
            try (ExtentMapView view = view(bench)) {
                assertThat(view.segments().mappedSectors()).isZero();
                MapRuns runs = new MapRuns(10);
                view.lookup(0, 1L << 41, runs);
                assertThat(runs.count()).isZero();
                assertThat(runs.isComplete()).isTrue();
            }
        }
    }

    @Test
    void aSegmentAfterTheFirstCountIsRefused() throws IOException {
        try (MapBench bench = new MapBench(temp, BUDGET, ExtentMapConfig.DEFAULT);
                ExtentMapView view = view(bench)) {
            assertThat(view.segments().count()).isZero();
            assertThatThrownBy(() -> view.add(1, RandomSegment.of(data(0, 8, 0))))
                    .isInstanceOf(IllegalStateException.class);
        }
    }
}
