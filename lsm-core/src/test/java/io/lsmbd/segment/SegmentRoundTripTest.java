package io.lsmbd.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.StorageException;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.SectorRange;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.segment.SegmentSamples.Extent;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SegmentRoundTripTest {
    private static final SegmentIdentity IDENTITY = SegmentSamples.identity(42);
    private static final ObjectKey KEY = SegmentSamples.key(IDENTITY);

    @ParameterizedTest
    @EnumSource(Codec.class)
    void whatGoesInComesOut(Codec codec) throws StorageException {
        for (int level : new int[] {0, 1, 5}) {
            try (SegmentBuilder builder =
                    new SegmentBuilder(codec, level, SegmentSamples.CAPACITY)) {
                for (int seed = 0; seed < 30; seed++) {
                    Random random = new Random(seed);
                    List<Extent> extents =
                            SegmentSamples.randomExtents(random, random.nextInt(60), 60);
                    builder.reset();
                    SegmentSamples.add(builder, extents);
                    BuiltSegment built = builder.encode(IDENTITY);
                    var store = SegmentSamples.storeOf(KEY, SegmentSamples.bytes(built));
                    SegmentSamples.assertHolds(store, KEY, extents);
                    SegmentReport report = new SegmentVerifier(store).verify(KEY);
                    assertThat(report.problems()).as("seed %d", seed).isEmpty();
                    assertThat(report.soundFrames()).isEqualTo(built.tables().frames().count());
                }
            }
        }
    }

    @Test
    void tablesReadAreTheTablesBuilt() throws StorageException, CorruptFormatException {
        List<Extent> extents = SegmentSamples.randomExtents(new Random(3), 50, 60);
        try (SegmentBuilder builder = new SegmentBuilder(Codec.LZ4, 1, SegmentSamples.CAPACITY)) {
            SegmentSamples.add(builder, extents);
            BuiltSegment built = builder.encode(IDENTITY);
            var store = SegmentSamples.storeOf(KEY, SegmentSamples.bytes(built));
            SegmentReader reader = new SegmentReader(store);
            SegmentTables read = reader.readTables(KEY);
            assertThat(read.identity()).isEqualTo(IDENTITY);
            assertThat(read.kind()).isEqualTo(SegmentKind.DATA);
            assertThat(reader.readHeader(KEY)).isEqualTo(read.header());
            assertThat(read.encode()).isEqualTo(built.tables().encode());
            assertThat(SegmentTables.decode(read.encode(), "cache").encode())
                    .isEqualTo(read.encode());
            byte[] frames = read.frames().encode();
            assertThat(FrameTable.decode(frames).encode()).isEqualTo(frames);
            assertThat(FrameTable.decode(frames).entry(1)).isEqualTo(read.frames().entry(1));
        }
    }

    @Test
    void anotherNumberChangesNothingElse() throws StorageException {
        List<Extent> extents = SegmentSamples.randomExtents(new Random(4), 50, 60);
        ObjectKey other = ObjectKey.segment(SegmentSamples.VOLUME, 43);
        try (SegmentBuilder builder = new SegmentBuilder(Codec.ZSTD, 3, SegmentSamples.CAPACITY)) {
            SegmentSamples.add(builder, extents);
            BuiltSegment built = builder.encode(IDENTITY);
            BuiltSegment renumbered = built.withNumber(43);
            var store = SegmentSamples.storeOf(other, SegmentSamples.bytes(renumbered));
            SegmentSamples.assertHolds(store, other, extents);
            assertThat(new SegmentVerifier(store).verify(other).isSound()).isTrue();
            assertThat(renumbered.withNumber(42).identity()).isEqualTo(IDENTITY);
            assertThat(SegmentSamples.bytes(renumbered.withNumber(42)))
                    .isEqualTo(SegmentSamples.bytes(built));
        }
    }

    @Test
    void aSegmentAtAnothersKeyIsRefused() {
        byte[] bytes = SegmentSamples.bytes(BuiltSegment.fence(IDENTITY));
        ObjectKey other = ObjectKey.segment(SegmentSamples.VOLUME, 43);
        var reader = new SegmentReader(SegmentSamples.storeOf(other, bytes));
        assertThatThrownBy(() -> reader.readTables(other))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining(KEY.value());
        assertThatThrownBy(() -> reader.readHeader(other)).isInstanceOf(CorruptDataException.class);
    }

    @Test
    void aFenceIsEmpty() throws StorageException {
        BuiltSegment fence = BuiltSegment.fence(IDENTITY);
        var store = SegmentSamples.storeOf(KEY, SegmentSamples.bytes(fence));
        SegmentTables tables = new SegmentReader(store).readTables(KEY);
        assertThat(tables.kind()).isEqualTo(SegmentKind.FENCE);
        assertThat(tables.dataSectors()).isZero();
        assertThat(tables.extents().count()).isZero();
        assertThat(new SegmentVerifier(store).verify(KEY).isSound()).isTrue();
    }

    @Test
    void neighboursBecomeOneExtent() {
        try (SegmentBuilder builder = new SegmentBuilder(Codec.NONE, 0, SegmentSamples.CAPACITY)) {
            builder.reserve(10, 5).put(new byte[5 * 512]);
            builder.reserve(15, 5).put(new byte[5 * 512]);
            builder.addHole(new SectorRange(20, 5));
            builder.addHole(new SectorRange(25, 5));
            builder.reserve(30, 1).put(new byte[512]);
            ExtentTable extents = builder.encode(IDENTITY).tables().extents();
            assertThat(extents.count()).isEqualTo(3);
            assertThat(extents.range(0)).isEqualTo(new SectorRange(10, 10));
            assertThat(extents.range(1)).isEqualTo(new SectorRange(20, 10));
            assertThat(extents.address(2)).isEqualTo(10);
        }
    }

    @Test
    void dataThatDoesNotCompressIsStoredAsItIs() throws StorageException {
        byte[] noise = new byte[(int) SegmentSamples.CAPACITY.bytes()];
        new Random(5).nextBytes(noise);
        for (Codec codec : Codec.values()) {
            try (SegmentBuilder builder = new SegmentBuilder(codec, 1, SegmentSamples.CAPACITY)) {
                builder.reserve(0, noise.length / 512).put(noise);
                BuiltSegment built = builder.encode(IDENTITY);
                FrameTable frames = built.tables().frames();
                for (int i = 0; i < frames.count(); i++) {
                    assertThat(frames.entry(i).codec()).isEqualTo(Codec.NONE);
                }
                assertThat(built.body()).hasSize(4);
                var store = SegmentSamples.storeOf(KEY, SegmentSamples.bytes(built));
                assertThat(new SegmentVerifier(store).verify(KEY).isSound()).isTrue();
            }
        }
    }

    @Test
    void compressionIsTriedAgainAfterNoise() {
        byte[] noise = new byte[(int) SegmentSamples.CAPACITY.bytes() / 2];
        new Random(6).nextBytes(noise);
        try (SegmentBuilder builder = new SegmentBuilder(Codec.LZ4, 1, SegmentSamples.CAPACITY)) {
            builder.reserve(0, noise.length / 512).put(noise);
            builder.reserve(100_000, noise.length / 512).put(new byte[noise.length]);
            FrameTable frames = builder.encode(IDENTITY).tables().frames();
            assertThat(frames.entry(frames.count() - 1).codec()).isEqualTo(Codec.LZ4);
        }
    }

    @Test
    void framesOpenFromAndIntoAnyKindOfBuffer() throws CorruptDataException {
        byte[] data = new byte[100_000 / 512 * 512];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i / 100);
        }
        for (Codec codec : Codec.values()) {
            List<Extent> extents = List.of(new Extent(new SectorRange(0, data.length / 512), data));
            byte[] bytes = SegmentSamples.bytes(codec, IDENTITY, extents);
            var tables = tailOf(bytes);
            FrameEntry entry = tables.frames().entry(1);
            assertThat(entry.codec()).isEqualTo(codec);
            ByteBuffer heap = ByteBuffer.wrap(bytes, (int) entry.offset(), entry.storedBytes());
            ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(heap.duplicate());
            for (ByteBuffer stored : List.of(heap, direct.flip(), heap.asReadOnlyBuffer())) {
                for (ByteBuffer into :
                        List.of(ByteBuffer.allocate(70_000), ByteBuffer.allocateDirect(70_000))) {
                    into.position(3);
                    FrameCodec.decode(stored, entry, into, "here");
                    assertThat(into.position()).isEqualTo(3 + entry.plainBytes());
                    assertThat(into.flip().position(3))
                            .isEqualTo(ByteBuffer.wrap(data, 65_536, entry.plainBytes()));
                }
            }
        }
    }

    private static SegmentTables tailOf(byte[] bytes) throws CorruptDataException {
        ObjectKey key = KEY;
        try {
            return new SegmentReader(SegmentSamples.storeOf(key, bytes)).readTables(key);
        } catch (StorageException e) {
            throw new CorruptDataException(key.value(), 0, e);
        }
    }

    /** 150,000 extents: their table is longer than the first guess of its length. */
    @Test
    void largeTablesTakeASecondRead() throws StorageException {
        try (SegmentBuilder builder =
                new SegmentBuilder(Codec.LZ4, 1, SegmentBuilder.MAX_CAPACITY)) {
            for (int i = 0; i < 150_000; i++) {
                if (i < 100_000) {
                    builder.reserve(i * 1_000L, 1).putInt(0, i);
                } else {
                    builder.addHole(new SectorRange(i * 1_000L, 7));
                }
            }
            var store = SegmentSamples.storeOf(KEY, SegmentSamples.bytes(builder.encode(IDENTITY)));
            ExtentTable extents = new SegmentReader(store).readTables(KEY).extents();
            assertThat(extents.count()).isEqualTo(150_000);
            assertThat(extents.address(99_999)).isEqualTo(99_999);
            assertThat(extents.range(149_999)).isEqualTo(new SectorRange(149_999_000, 7));
            assertThat(new SegmentVerifier(store).verify(KEY).isSound()).isTrue();
        }
    }

    @Test
    void theBuilderRefusesWhatDoesNotFit() {
        DataSize small = new DataSize(10 * 512);
        try (SegmentBuilder builder = new SegmentBuilder(Codec.LZ4, 1, small)) {
            assertThat(builder.isEmpty()).isTrue();
            builder.reserve(100, 6).put(new byte[6 * 512]);
            assertThat(builder.freeSectors()).isEqualTo(4);
            assertThatThrownBy(() -> builder.reserve(200, 5))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> builder.reserve(105, 1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> builder.addHole(new SectorRange(50, 100)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> builder.addHole(new SectorRange(1L << 41, 1)))
                    .isInstanceOf(IllegalArgumentException.class);
            builder.addHole(new SectorRange(106, (1L << 41) - 106));
            assertThat(builder.encode(IDENTITY).tables().extents().count()).isEqualTo(2);
        }
        assertThatThrownBy(() -> new SegmentBuilder(Codec.LZ4, 13, small))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SegmentBuilder(Codec.LZ4, 1, DataSize.ofMebibytes(65)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
