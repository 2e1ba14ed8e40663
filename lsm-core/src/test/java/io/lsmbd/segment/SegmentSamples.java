package io.lsmbd.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.error.StorageException;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.SectorRange;
import io.lsmbd.model.Sectors;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Segments with known content, for the tests of this package. */
final class SegmentSamples {
    static final VolumeId VOLUME = new VolumeId(0xfedc_ba98_7654_3210L);
    static final DataSize CAPACITY = DataSize.ofMebibytes(2);

    private SegmentSamples() {}

    /** One extent as it was put in; holes have no data. */
    record Extent(SectorRange range, byte[] data) {
        boolean isHole() {
            return data.length == 0;
        }
    }

    static SegmentIdentity identity(long number) {
        return new SegmentIdentity(
                VOLUME, number, 0xffff_fff7L, 1000, 2000, new UUID(7, 8), -99, 1_767_225_600_000L);
    }

    static ObjectKey key(SegmentIdentity identity) {
        return ObjectKey.segment(identity.volumeId(), identity.number());
    }

    /** Extents with gaps between them, so that none merges with its neighbour. */
    static List<Extent> randomExtents(Random random, int count, int maxSectors) {
        List<Extent> extents = new ArrayList<>();
        long lba = random.nextInt(100);
        for (int i = 0; i < count; i++) {
            lba += 1 + random.nextLong(1L << random.nextInt(1, 34));
            int sectors = random.nextInt(1, maxSectors + 1);
            if (random.nextInt(4) == 0) {
                long hole = sectors * (1L << random.nextInt(20));
                extents.add(new Extent(new SectorRange(lba, hole), new byte[0]));
                lba += hole;
            } else {
                byte[] data = new byte[sectors * Sectors.BYTES];
                fill(random, data);
                extents.add(new Extent(new SectorRange(lba, sectors), data));
                lba += sectors;
            }
        }
        return extents;
    }

    /** Noise, text-like data, or both. */
    private static void fill(Random random, byte[] data) {
        int noise = random.nextInt(3);
        if (noise == 0) {
            random.nextBytes(data);
            return;
        }
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (noise == 1 ? i / 50 : random.nextInt(4));
        }
    }

    static void add(SegmentBuilder builder, List<Extent> extents) {
        for (Extent extent : extents) {
            if (extent.isHole()) {
                builder.addHole(extent.range());
            } else {
                int sectors = (int) extent.range().sectors();
                builder.reserve(extent.range().lba(), sectors).put(extent.data());
            }
        }
    }

    static byte[] bytes(BuiltSegment segment) {
        ByteBuffer all = ByteBuffer.allocate((int) segment.objectBytes());
        segment.body().forEach(part -> all.put(part.duplicate()));
        return all.array();
    }

    static byte[] bytes(Codec codec, SegmentIdentity identity, List<Extent> extents) {
        try (SegmentBuilder builder = new SegmentBuilder(codec, 1, CAPACITY)) {
            add(builder, extents);
            return bytes(builder.encode(identity));
        }
    }

    static MemoryObjectStore storeOf(ObjectKey key, byte[] bytes) {
        MemoryObjectStore store = new MemoryObjectStore(() -> 0);
        PutOutcome outcome =
                store.put(key, List.of(ByteBuffer.wrap(bytes)), new PutCondition.IfAbsent());
        assertThat(outcome).isInstanceOf(PutOutcome.Stored.class);
        return store;
    }

    /** Reads all frames back and compares every extent. */
    static void assertHolds(MemoryObjectStore store, ObjectKey key, List<Extent> expected)
            throws StorageException {
        SegmentReader reader = new SegmentReader(store);
        SegmentTables tables = reader.readTables(key);
        ByteBuffer plain = ByteBuffer.allocate(tables.dataSectors() * Sectors.BYTES);
        for (int i = 0; i < tables.frames().count(); i++) {
            reader.readFrame(key, tables.frames().entry(i), plain);
        }
        assertThat(plain.hasRemaining()).isFalse();
        ExtentTable extents = tables.extents();
        assertThat(extents.count()).isEqualTo(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            Extent extent = expected.get(i);
            assertThat(extents.range(i)).isEqualTo(extent.range());
            assertThat(extents.isHole(i)).isEqualTo(extent.isHole());
            if (!extent.isHole()) {
                byte[] data = new byte[extent.data().length];
                plain.get(extents.address(i) * Sectors.BYTES, data);
                assertThat(data).isEqualTo(extent.data());
            }
        }
    }
}
