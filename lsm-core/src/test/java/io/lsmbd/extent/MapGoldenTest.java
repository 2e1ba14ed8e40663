package io.lsmbd.extent;

import static io.lsmbd.extent.RandomSegment.data;
import static io.lsmbd.extent.RandomSegment.hole;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.PutCondition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Map objects written by the first version must be readable for ever, and today's are the same.
 * {@code -Dgolden.write=true} writes the files, which is right only together with a new version.
 */
class MapGoldenTest {
    private static final String FIRST = "map-v1-1.bin";
    private static final String SECOND = "map-v1-2.bin";

    private static final long MILLIS = 1_700_000_000_000L;

    @TempDir Path temp;

    private static SegmentExtents segment(int number) {
        return switch (number) {
            case 1 -> RandomSegment.of(data(0, 40_000, 0), data(1L << 40, 8, 40_000));
            case 2 -> RandomSegment.of(data(8, 8, 0), hole(100, 7), data(70_000, 9, 16));
            default -> RandomSegment.of(data(12, 1, 5), hole(1L << 39, 1L << 40));
        };
    }

    private static byte[] golden(String name) throws IOException {
        try (InputStream in = MapGoldenTest.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new AssertionError("no golden file " + name);
            }
            return in.readAllBytes();
        }
    }

    private static void check(String name, byte[] written) throws IOException {
        if (Boolean.getBoolean("golden.write")) {
            Path folder = Path.of("src/test/resources/io/lsmbd/extent");
            Files.createDirectories(folder);
            Files.write(folder.resolve(name), written);
        } else {
            assertThat(written).isEqualTo(golden(name));
        }
    }

    @Test
    void mapObjectsOfVersionOneAreWrittenAndRead() throws IOException {
        ModelMap model = new ModelMap();
        try (MapBench bench =
                new MapBench(temp, DataSize.ofMebibytes(8), ExtentMapConfig.DEFAULT)) {
            for (int number = 1; number <= 3; number++) {
                model.apply(number, segment(number));
                bench.map.apply(number, segment(number), Displaced.ignored());
                if (number != 2) {
                    bench.checkpoint();
                }
            }
            check(FIRST, object(bench, 1));
            check(SECOND, object(bench, 2));
        }
        if (!Boolean.getBoolean("golden.write")) {
            readGolden(model);
        }
    }

    /** As if it had been written at a certain time. */
    private static byte[] object(MapBench bench, long number) throws IOException {
        byte[] bytes = bench.store.get(ObjectKey.map(MapBench.VOLUME, number)).bytes();
        MapFormat.Header now = MapFormat.decodeHeader(ByteBuffer.wrap(bytes));
        MapFormat.Header then =
                new MapFormat.Header(now.volume(), now.number(), now.segment(), MILLIS);
        ByteBuffer.wrap(bytes).put(MapFormat.encode(then));
        return bytes;
    }

    private void readGolden(ModelMap model) throws IOException {
        Path folder = temp.resolve("golden");
        try (MapBench bench =
                new MapBench(folder, DataSize.ofMebibytes(8), ExtentMapConfig.DEFAULT)) {
            byte[] last = golden(SECOND);
            put(bench, 1, golden(FIRST));
            put(bench, 2, last);
            ByteBuffer footer =
                    ByteBuffer.wrap(
                            last, last.length - MapFormat.FOOTER_BYTES, MapFormat.FOOTER_BYTES);
            CheckpointRef ref = MapFormat.decodeFooter(footer);
            assertThat(MapFormat.decodeHeader(ByteBuffer.wrap(last)))
                    .isEqualTo(new MapFormat.Header(MapBench.VOLUME, 2, 3, MILLIS));
            try (ExtentMap snapshot = bench.openSnapshot(ref)) {
                model.assertSame(snapshot, 100);
                assertThat(snapshot.segments().count()).isEqualTo(3);
            }
        }
    }

    private static void put(MapBench bench, long number, byte[] bytes) throws IOException {
        bench.store.put(
                ObjectKey.map(MapBench.VOLUME, number),
                List.of(ByteBuffer.wrap(bytes)),
                new PutCondition.IfAbsent());
    }
}
