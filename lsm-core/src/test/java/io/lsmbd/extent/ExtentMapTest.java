package io.lsmbd.extent;

import static io.lsmbd.extent.RandomSegment.data;
import static io.lsmbd.extent.RandomSegment.hole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.PutCondition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtentMapTest {
    private static final long PEBIBYTE = 1L << 41;
    private static final long TEBIBYTE = 1L << 31;

    @TempDir Path temp;
    private MapBench bench;
    private final MapRuns runs = new MapRuns(1000);

    @BeforeEach
    void open() throws IOException {
        bench = new MapBench(temp, DataSize.ofMebibytes(64), ExtentMapConfig.DEFAULT);
    }

    @AfterEach
    void close() throws IOException {
        bench.close();
    }

    private void apply(long segment, RandomSegment.Extent... extents) throws IOException {
        bench.map.apply(segment, RandomSegment.of(extents), Displaced.ignored());
    }

    private List<String> lookup(long lba, long sectors) throws IOException {
        bench.map.lookup(lba, sectors, runs);
        return ModelMap.text(runs);
    }

    @Test
    void anEmptyPebibyteIsKnownToBeEmptyWithoutMemory() {
        long before = bench.budget.usedBytes();
        assertThat(bench.map.tryLookup(0, PEBIBYTE, runs)).isTrue();
        assertThat(runs.count()).isZero();
        assertThat(runs.isComplete()).isTrue();
        assertThat(bench.budget.usedBytes()).isEqualTo(before);
    }

    @Test
    void runsAreMergedAcrossPagesAndClipped() throws IOException {
        apply(1, data(30_000, 40_000, 100));
        assertThat(lookup(0, PEBIBYTE)).containsExactly("30000+40000=1:100");
        assertThat(lookup(32_760, 20)).containsExactly("32760+20=1:2860");
        apply(2, data(40_000, 8, 0), hole(50_000, 1));
        assertThat(lookup(39_999, 10_003))
                .containsExactly(
                        "39999+1=1:10099", "40000+8=2:0", "40008+9992=1:10108", "50001+1=1:20101");
        assertThat(bench.map.segments().usage(1))
                .hasValue(new SegmentUsage(1, 40_000, 39_991, 1001));
    }

    @Test
    void aFullAnswerTellsWhereToGoOn() throws IOException {
        RandomSegment.Extent[] extents = new RandomSegment.Extent[10];
        for (int i = 0; i < extents.length; i++) {
            extents[i] = data(i * 10L * TEBIBYTE, 8, i * 100);
        }
        apply(1, extents);
        MapRuns few = new MapRuns(3);
        List<Long> found = new ArrayList<>();
        for (long at = 0; at < PEBIBYTE; at = few.coveredEnd()) {
            bench.map.lookup(at, PEBIBYTE - at, few);
            assertThat(few.count()).isBetween(1, 3);
            for (int i = 0; i < few.count(); i++) {
                found.add(few.lba(i) / TEBIBYTE);
            }
        }
        assertThat(found).containsExactly(0L, 10L, 20L, 30L, 40L, 50L, 60L, 70L, 80L, 90L);
    }

    @Test
    void segmentsAreAppliedInOrderWithoutAGap() throws IOException {
        apply(1, data(0, 8, 0));
        assertThatThrownBy(() -> apply(1, data(0, 8, 0))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> apply(3, data(0, 8, 0))).isInstanceOf(IllegalStateException.class);
        bench.map.passOver(2);
        apply(3, data(0, 8, 0));
        assertThat(lookup(0, 8)).containsExactly("0+8=3:0");
    }

    @Test
    void contradictoryExtentsAreRefused() {
        assertThatThrownBy(() -> apply(1, data(8, 8, 0), data(12, 8, 8)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> apply(1, data(8, 8, Integer.MAX_VALUE)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> apply(1, hole(PEBIBYTE - 8, 9)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aHugeTrimCostsWhatIsThereAndNotWhatItCovers() throws IOException {
        CountingStore counting = new CountingStore(bench.store);
        List<RandomSegment.Extent> spread = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            spread.add(data(i * (TEBIBYTE / 16), 8, i * 8));
        }
        bench.map.apply(1, new RandomSegment(spread), Displaced.ignored());
        bench.checkpoint();
        bench.loseDisk(1, counting);
        long[] displaced = {0};
        bench.map.apply(
                2,
                RandomSegment.of(hole(3, 16 * TEBIBYTE)),
                (_, sectors) -> displaced[0] += sectors);
        assertThat(displaced[0]).isEqualTo(256 * 8 - 3 + 3);
        assertThat(counting.reads).isLessThan(20);
        bench.map.lookup(0, PEBIBYTE, runs);
        assertThat(runs.count()).isEqualTo(400 - 256 + 1);
    }

    @Test
    void anUnchangedMapCostsNoCheckpoint() throws IOException {
        apply(1, data(0, 8, 0));
        CheckpointRef first = bench.checkpoint();
        assertThat(bench.map.checkpoint(first.number() + 1)).isEqualTo(first);
        assertThat(bench.store.list("", null, 100).objects()).hasSize(1);
    }

    @Test
    void aSmallChangeWritesASmallCheckpointAndRefersToTheRest() throws IOException {
        for (int i = 1; i <= 50; i++) {
            apply(i, data(i * 2000L * 32_768, 8, 0));
        }
        CheckpointRef first = bench.checkpoint();
        apply(51, hole(2000L * 32_768, 8));
        CheckpointRef second = bench.checkpoint();
        assertThat(second.pages()).isEqualTo(first.pages() - 1);
        long size = bench.store.info(ObjectKey.map(MapBench.VOLUME, second.number())).sizeBytes();
        assertThat(size).isLessThan(3000);
        assertThat(bench.map.referencedObjects(second))
                .extracting(MapObjectUsage::object)
                .containsExactly(first.number(), second.number());
        apply(52, hole(0, PEBIBYTE));
        CheckpointRef third = bench.checkpoint();
        assertThat(third.root()).isNull();
        assertThat(bench.map.referencedObjects(third))
                .extracting(MapObjectUsage::object)
                .containsExactly(third.number());
    }

    @Test
    void takenMapNumbersArePassedOver() throws IOException {
        apply(1, data(0, 8, 0));
        for (int i = 1; i <= 3; i++) {
            bench.store.put(
                    ObjectKey.map(MapBench.VOLUME, i),
                    List.of(ByteBuffer.allocate(3)),
                    new PutCondition.IfAbsent());
        }
        assertThat(bench.checkpoint().number()).isEqualTo(4);
    }

    @Test
    void aSegmentAppliedInPartIsNotCheckpointed() throws IOException {
        apply(1, data(0, 8, 0));
        assertThatThrownBy(() ->
                        bench.map.apply(
                                2,
                                RandomSegment.of(data(0, 8, 0)),
                                (_, _) -> {
                                    throw new IllegalArgumentException("stop");
                                }))
                .hasMessage("stop");
        assertThatThrownBy(() -> bench.map.checkpoint(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aDamagedLocalIndexIsNotBuiltOn() throws IOException {
        apply(1, data(0, 8, 0));
        bench.checkpoint();
        apply(2, data(8, 8, 0));
        bench.map.writeBack();
        try (var batch = bench.index.newBatch(MapBench.VOLUME)) {
            batch.putMeta(new byte[] {77});
            bench.index.write(batch);
        }
        bench.reopen(2);
        assertThat(bench.map.isFromLocalIndex()).isFalse();
        assertThat(bench.map.appliedSegment()).isEqualTo(1);
        assertThat(lookup(0, 100)).containsExactly("0+8=1:0");
    }

    @Test
    void anIndexAheadOfTheBucketIsDropped() throws IOException {
        apply(1, data(0, 8, 0));
        apply(2, data(8, 8, 0));
        bench.restart(1);
        assertThat(bench.map.isFromLocalIndex()).isFalse();
        assertThat(bench.map.appliedSegment()).isZero();
        assertThat(lookup(0, 100)).isEmpty();
    }

    @Test
    void everyFlippedBitOfACheckpointIsFoundOrHarmless() throws IOException {
        apply(1, data(0, 8, 0), data(100_000, 9000, 8), hole(200_000, 5));
        apply(2, data(4, 8, 0), data(1L << 40, 77, 90));
        CheckpointRef ref = bench.checkpoint();
        List<String> expected = lookup(0, PEBIBYTE);
        ObjectKey key = ObjectKey.map(MapBench.VOLUME, ref.number());
        byte[] good = bench.store.get(key).bytes();
        int found = 0;
        for (int bit = MapFormat.HEADER_BYTES * 8; bit < good.length * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << (bit % 8));
            bench.store.put(key, List.of(ByteBuffer.wrap(bad)), new PutCondition.Unconditional());
            try (MapBench.Fresh fresh = bench.freshSnapshot(ref)) {
                fresh.map().lookup(0, PEBIBYTE, runs);
                assertThat(ModelMap.text(runs)).isEqualTo(expected);
                fresh.map().referencedObjects(ref);
            } catch (CorruptDataException e) {
                assertThat(e.where()).isEqualTo(key.value());
                found++;
            }
        }
        int unread = MapFormat.FOOTER_BYTES * 8;
        assertThat(found).isEqualTo(good.length * 8 - MapFormat.HEADER_BYTES * 8 - unread);
    }

    @Test
    void aTreeIsOpenedWithFewReads() throws IOException {
        RandomSegment.Extent[] extents = new RandomSegment.Extent[2000];
        for (int i = 0; i < extents.length; i++) {
            extents[i] = data(i * 32_768L, 8, i * 16);
        }
        apply(1, extents);
        CheckpointRef ref = bench.checkpoint();
        CountingStore counting = new CountingStore(bench.store);
        try (MapBench.Fresh fresh = bench.freshSnapshot(ref, counting)) {
            for (int i = 0; i < extents.length; i++) {
                fresh.map().lookup(i * 32_768L, 8, runs);
                assertThat(runs.count()).isOne();
            }
        }
        assertThat(counting.reads).isLessThan(30);
    }

    @Test
    void aVanishedMapObjectIsAnErrorAndNotEmptiness() throws IOException {
        apply(1, data(0, 8, 0));
        CheckpointRef ref = bench.checkpoint();
        bench.loseDisk(1);
        bench.store.delete(List.of(ObjectKey.map(MapBench.VOLUME, ref.number())));
        assertThatThrownBy(() -> lookup(0, 8)).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> lookup(0, 8)).isInstanceOf(StorageException.class);
    }
}
