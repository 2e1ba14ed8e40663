package io.lsmbd.bench;

import com.google.errorprone.annotations.FormatMethod;
import io.lsmbd.env.Environment;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.extent.CheckpointRef;
import io.lsmbd.extent.Displaced;
import io.lsmbd.extent.ExtentMap;
import io.lsmbd.extent.ExtentMapConfig;
import io.lsmbd.extent.ExtentMapSources;
import io.lsmbd.extent.MapRuns;
import io.lsmbd.extent.PageBudget;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.localindex.LocalIndexConfig;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.Sectors;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Measures the extent map: ten million random 4 KiB extents over 1 TiB, resident; then attaching
 * that volume from the local index and from the bucket, and an empty one of 1 PiB. Give the JVM 4
 * GiB of heap; {@code args[0]}: an empty folder for the local index, {@code args[1]}: extents.
 */
public final class MapMeasurement {
    private static final int BLOCKS_PER_SEGMENT = 8192;
    private static final long TEBIBYTE_SECTORS = 1L << 31;
    private static final int LOOKUPS = 2_000_000;
    private static final VolumeId VOLUME = new VolumeId(1);

    private final Environment environment =
            new SystemEnvironment((_, failure) -> failure.printStackTrace());
    private final Path folder;
    private final long extents;
    private final PageBudget budget = new PageBudget(DataSize.ofMebibytes(1500));

    private MapMeasurement(Path folder, long extents) {
        this.folder = folder;
        this.extents = extents;
    }

    public static void main(String[] args) throws IOException {
        Path folder = args.length > 0 ? Path.of(args[0]) : Files.createTempDirectory("map");
        long extents = args.length > 1 ? Long.parseLong(args[1]) : 10_000_000;
        new MapMeasurement(folder, extents).run();
    }

    private void run() throws IOException {
        try (ObjectStore store = new MemoryObjectStore(environment.wallClock())) {
            long segments = extents / BLOCKS_PER_SEGMENT;
            CheckpointRef checkpoint;
            try (LocalIndex index = openIndex("first")) {
                checkpoint = fill(store, index, segments);
            }
            try (LocalIndex index = openIndex("first")) {
                attach("1 TiB, from the local index", store, index, checkpoint, segments);
            }
            try (LocalIndex index = openIndex("second")) {
                attach("1 TiB, from the bucket", store, index, checkpoint, segments);
            }
            try (LocalIndex index = openIndex("third")) {
                attachEmptyPebibyte(store, index);
            }
        }
    }

    private LocalIndex openIndex(String name) throws IOException {
        long start = environment.nanoClock().nanos();
        LocalIndex index = LocalIndex.open(folder.resolve(name), LocalIndexConfig.DEFAULT);
        print("open RocksDB (%s): %.1f ms", index.origin(), millisSince(start));
        return index;
    }

    private ExtentMap open(
            ObjectStore store, LocalIndex index, @Nullable CheckpointRef checkpoint, long newest)
            throws IOException {
        ExtentMapSources sources =
                new ExtentMapSources(
                        VOLUME, index, store, number -> ObjectKey.map(VOLUME, number), environment);
        return ExtentMap.open(sources, budget, ExtentMapConfig.DEFAULT, checkpoint, newest);
    }

    private CheckpointRef fill(ObjectStore store, LocalIndex index, long segments)
            throws IOException {
        long heapBefore = usedHeap();
        try (ExtentMap map = open(store, index, null, 0)) {
            RandomBlocks blocks = new RandomBlocks(BLOCKS_PER_SEGMENT, TEBIBYTE_SECTORS);
            SplittableRandom random = new SplittableRandom(1);
            long start = environment.nanoClock().nanos();
            for (long segment = 1; segment <= segments; segment++) {
                blocks.fill(random);
                map.apply(segment, blocks, Displaced.ignored());
            }
            map.writeBack();
            double millis = millisSince(start);
            long live = map.segments().mappedSectors() / RandomBlocks.BLOCK_SECTORS;
            print(
                    "insert: %d extents left, %.2f us an extent, %.1f s, with write-back",
                    live, millis * 1e3 / extents, millis / 1e3);
            print(
                    "heap: %.1f bytes an extent by the budget, %.1f as measured",
                    (double) budget.usedBytes() / live, (double) (usedHeap() - heapBefore) / live);
            lookUp(map, "resident");
            return checkpoint(map);
        }
    }

    private CheckpointRef checkpoint(ExtentMap map) throws IOException {
        long start = environment.nanoClock().nanos();
        CheckpointRef ref = map.checkpoint(1);
        print(
                "checkpoint: %.1f s, %s in %d objects",
                millisSince(start) / 1e3,
                new DataSize(ref.treeBytes()),
                map.referencedObjects(ref).size());
        map.published(ref);
        return ref;
    }

    private void attach(
            String what, ObjectStore store, LocalIndex index, CheckpointRef ref, long newest)
            throws IOException {
        long start = environment.nanoClock().nanos();
        try (ExtentMap map = open(store, index, ref, newest)) {
            print(
                    "attach %s: %.1f ms (from the index: %b)",
                    what, millisSince(start), map.isFromLocalIndex());
            lookUp(map, what);
        }
    }

    private void attachEmptyPebibyte(ObjectStore store, LocalIndex index) throws IOException {
        long used = budget.usedBytes();
        long start = environment.nanoClock().nanos();
        try (ExtentMap map = open(store, index, null, 0)) {
            MapRuns out = new MapRuns(1);
            map.lookup(0, Sectors.MAX_VOLUME_SECTORS, out);
            print(
                    "attach an empty 1 PiB and look all of it up: %.2f ms, %d bytes of pages",
                    millisSince(start), budget.usedBytes() - used);
        }
    }

    private void lookUp(ExtentMap map, String what) throws IOException {
        MapRuns out = new MapRuns(64);
        SplittableRandom random = new SplittableRandom(2);
        long start = environment.nanoClock().nanos();
        long resident = 0;
        for (int i = 0; i < LOOKUPS; i++) {
            long block = random.nextLong(TEBIBYTE_SECTORS / RandomBlocks.BLOCK_SECTORS);
            long lba = block * RandomBlocks.BLOCK_SECTORS;
            if (map.tryLookup(lba, RandomBlocks.BLOCK_SECTORS, out)) {
                resident++;
            } else {
                map.lookup(lba, RandomBlocks.BLOCK_SECTORS, out);
            }
        }
        print(
                "look up, %s: %.0f ns each, %.1f %% resident",
                what, millisSince(start) * 1e6 / LOOKUPS, resident * 100.0 / LOOKUPS);
    }

    private double millisSince(long start) {
        return (environment.nanoClock().nanos() - start) / 1e6;
    }

    private static long usedHeap() {
        var memory = ManagementFactory.getMemoryMXBean();
        for (int i = 0; i < 3; i++) {
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed();
    }

    @FormatMethod
    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
