package io.lsmbd.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.error.StorageException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.segment.SegmentSamples.Extent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Segments written by the first version must be readable for ever. {@code -Dgolden.write=true}
 * writes the files, which is right only together with a new version number.
 */
class SegmentGoldenTest {
    private static final SegmentIdentity IDENTITY = SegmentSamples.identity(7);
    private static final ObjectKey KEY = SegmentSamples.key(IDENTITY);

    private static List<Extent> extents() {
        return SegmentSamples.randomExtents(new Random(20), 12, 20);
    }

    private static String fileName(Codec codec) {
        return "segment-v1-" + codec.name().toLowerCase(Locale.ROOT) + ".bin";
    }

    private static byte[] golden(Codec codec) {
        try (InputStream in = SegmentGoldenTest.class.getResourceAsStream(fileName(codec))) {
            if (in == null) {
                throw new AssertionError("no golden file " + fileName(codec));
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void segmentsOfVersionOneAreRead(Codec codec) throws StorageException, IOException {
        if (Boolean.getBoolean("golden.write")) {
            Path folder = Path.of("src/test/resources/io/lsmbd/segment");
            byte[] bytes = SegmentSamples.bytes(codec, IDENTITY, extents());
            Files.write(folder.resolve(fileName(codec)), bytes);
            return;
        }
        var store = SegmentSamples.storeOf(KEY, golden(codec));
        SegmentSamples.assertHolds(store, KEY, extents());
        SegmentTables tables = new SegmentReader(store).readTables(KEY);
        assertThat(tables.identity()).isEqualTo(IDENTITY);
        assertThat(new SegmentVerifier(store).verify(KEY).problems()).isEmpty();
    }

    /** What compressors give may change with their version; all else must not. */
    @ParameterizedTest
    @EnumSource(value = Codec.class, names = "NONE")
    void segmentsOfVersionOneAreWritten(Codec codec) {
        assertThat(SegmentSamples.bytes(codec, IDENTITY, extents())).isEqualTo(golden(codec));
    }
}
