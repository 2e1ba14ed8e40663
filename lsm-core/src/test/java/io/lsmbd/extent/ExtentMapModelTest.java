package io.lsmbd.extent;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.model.DataSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random histories of a map, with crashes and lost disks, against a model. */
class ExtentMapModelTest {
    private static final int STEPS = 120;
    private static final int SEEDS = 10;

    /** Thrown out of the middle of an apply, as a crash would be. */
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @TempDir Path temp;

    private final List<SegmentExtents> history = new ArrayList<>();
    private final ModelMap model = new ModelMap();

    static LongStream seeds() {
        return LongStream.rangeClosed(1, SEEDS * Long.getLong("sim.runs", 1));
    }

    private static ExtentMapConfig config(Random random) {
        return new ExtentMapConfig(
                new DataSize(random.nextBoolean() ? 2_000 : 32 << 20),
                new DataSize(random.nextBoolean() ? 700 : 1 << 20),
                new DataSize(random.nextBoolean() ? 0 : 64 << 10));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void theMapSaysWhatTheModelSaysThroughCrashesAndLosses(long seed) throws IOException {
        Random random = new Random(seed);
        DataSize budget = new DataSize(random.nextBoolean() ? 256 << 10 : 64 << 20);
        try (MapBench bench = new MapBench(temp, budget, config(random))) {
            for (int step = 0; step < STEPS; step++) {
                step(bench, random);
                lookUpSomewhere(bench.map, random);
                if (random.nextInt(10) == 0) {
                    model.assertSame(bench.map, 1 + random.nextInt(300));
                }
            }
            model.assertSame(bench.map, 1000);
            try (ExtentMap snapshot = bench.openSnapshot(bench.checkpoint())) {
                model.assertSame(snapshot, 1000);
            }
            bench.loseDisk(history.size());
            model.assertSame(bench.map, 1000);
        }
    }

    private void step(MapBench bench, Random random) throws IOException {
        int choice = random.nextInt(100);
        if (choice < 60) {
            applyNext(bench, random);
        } else if (choice < 70) {
            bench.map.writeBack();
        } else if (choice < 76) {
            bench.index.flush();
        } else if (choice < 82) {
            bench.checkpoint();
        } else if (choice < 85) {
            publishLate(bench, random);
        } else if (choice < 90) {
            bench.crash(history.size());
            catchUp(bench, random);
        } else if (choice < 93) {
            bench.restart(history.size());
            catchUp(bench, random);
        } else if (choice < 96) {
            bench.loseDisk(history.size());
            catchUp(bench, random);
        } else {
            dieDuringApply(bench, random);
        }
    }

    private void applyNext(MapBench bench, Random random) throws IOException {
        SegmentExtents extents = RandomSegment.next(random);
        history.add(extents);
        model.apply(history.size(), extents);
        bench.map.apply(history.size(), extents, Displaced.ignored());
    }

    /** Time goes by until the manifest names a checkpoint, or it never comes to that. */
    private void publishLate(MapBench bench, Random random) throws IOException {
        CheckpointRef ref = bench.map.checkpoint(1);
        int chance = random.nextInt(3);
        for (int i = random.nextInt(4); i > 0; i--) {
            applyNext(bench, random);
            bench.map.writeBack();
        }
        if (chance == 1) {
            bench.published = ref;
            bench.map.published(ref);
        } else if (chance == 2) {
            // The manifest has it, but the process died before it knew.
            bench.published = ref;
            if (random.nextBoolean()) {
                bench.index.flush();
            }
            bench.crash(history.size());
            catchUp(bench, random);
        }
    }

    private void dieDuringApply(MapBench bench, Random random) throws IOException {
        SegmentExtents extents = RandomSegment.next(random);
        history.add(extents);
        model.apply(history.size(), extents);
        int[] left = {random.nextInt(8)};
        try {
            bench.map.apply(
                    history.size(),
                    extents,
                    (_, _) -> {
                        if (left[0]-- == 0) {
                            throw new Killed();
                        }
                    });
        } catch (Killed _) {
            if (random.nextBoolean()) {
                bench.index.flush();
            }
            bench.crash(history.size());
            catchUp(bench, random);
        }
    }

    /** As recovery does, sometimes telling what the local index had already. */
    private void catchUp(MapBench bench, Random random) throws IOException {
        long applied = bench.map.appliedSegment();
        long from = bench.published == null ? 0 : bench.published.segment();
        assertThat(applied).isBetween(from, (long) history.size());
        if (random.nextBoolean()) {
            for (long segment = from + 1; segment <= applied; segment++) {
                bench.map.markChanged(segment, history.get((int) segment - 1));
            }
        }
        for (long segment = applied + 1; segment <= history.size(); segment++) {
            bench.map.apply(segment, history.get((int) segment - 1), Displaced.ignored());
        }
    }

    private void lookUpSomewhere(ExtentMap map, Random random) throws IOException {
        MapRuns out = new MapRuns(1 << 16);
        for (int i = 0; i < 3; i++) {
            long centre = RandomSegment.CENTRES[random.nextInt(RandomSegment.CENTRES.length)];
            long lba = (centre << MapPage.SHIFT) + random.nextInt(60_000);
            long sectors = 1L + random.nextInt(random.nextBoolean() ? 64 : 90_000);
            sectors = Math.min(sectors, (1L << 41) - lba);
            List<String> expected = model.runs(lba, lba + sectors);
            if (map.tryLookup(lba, sectors, out)) {
                assertThat(ModelMap.text(out)).isEqualTo(expected);
            }
            map.lookup(lba, sectors, out);
            assertThat(ModelMap.text(out)).isEqualTo(expected);
        }
    }
}
