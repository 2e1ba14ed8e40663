package io.lsmbd.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.lsmbd.model.DataSize;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryFrameCacheTest {
    private static final int FRAME = FrameCache.FRAME_BYTES;

    private MemoryFrameCache cache = of(8);

    private static MemoryFrameCache of(int frames) {
        return new MemoryFrameCache(new DataSize((long) frames * FRAME), Frames.metrics());
    }

    @AfterEach
    void close() {
        cache.close();
    }

    private void insert(FrameKey key, int length) {
        cache.insert(key.volume(), key.segment(), key.frame(), Frames.plain(key, length));
    }

    private boolean copy(FrameKey key, int offset, ByteBuffer into) {
        return cache.copyIfResident(key.volume(), key.segment(), key.frame(), offset, into);
    }

    private boolean isResident(int frame) {
        return cache.contains(Frames.VOLUME, Frames.SEGMENT, frame);
    }

    @Test
    void copiesAnyPartOfAFrameThatIsResident() {
        insert(Frames.key(3), FRAME);
        ByteBuffer into = ByteBuffer.allocate(1000).limit(900);
        assertThat(copy(Frames.key(3), 12_345, into)).isTrue();
        assertThat(into.position()).isEqualTo(900);
        Frames.assertIsPart(Frames.key(3), 12_345, into);
    }

    @Test
    void leavesTheDestinationAloneWhenTheFrameIsNotResident() {
        ByteBuffer into = ByteBuffer.allocate(100).position(10);
        assertThat(copy(Frames.key(3), 0, into)).isFalse();
        assertThat(into).isEqualTo(ByteBuffer.allocate(100).position(10));
    }

    @Test
    void givesNothingPastTheEndOfAShortFrame() {
        insert(Frames.key(3), 1024);
        assertThat(copy(Frames.key(3), 512, ByteBuffer.allocate(512))).isTrue();
        assertThat(copy(Frames.key(3), 512, ByteBuffer.allocate(513))).isFalse();
    }

    @Test
    void refusesOffsetsAndLengthsOutsideOfAFrame() {
        insert(Frames.key(3), FRAME);
        assertThatThrownBy(() -> copy(Frames.key(3), -1, ByteBuffer.allocate(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> insert(Frames.key(4), FRAME + 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> insert(Frames.key(4), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void countsExactlyTheBytesThatItHolds() {
        insert(Frames.key(1), FRAME);
        insert(Frames.key(2), 512);
        insert(Frames.key(2), 512);
        assertThat(cache.usedBytes()).isEqualTo(FRAME + 512);
        assertThat(cache.evictions()).isZero();
    }

    @Test
    void holdsAsManyFramesAsFitAndNoMore() {
        for (int frame = 0; frame < 20; frame++) {
            insert(Frames.key(frame), FRAME);
        }
        assertThat(cache.usedBytes()).isEqualTo(8L * FRAME);
        assertThat(cache.evictions()).isEqualTo(12);
    }

    @Test
    void keepsWhatIsUsedAgainWhenAScanPasses() {
        for (int frame = 0; frame < 4; frame++) {
            insert(Frames.key(frame), FRAME);
        }
        for (int scanned = 100; scanned < 200; scanned++) {
            insert(Frames.key(scanned), FRAME);
            for (int frame = 0; frame < 4; frame++) {
                copy(Frames.key(frame), 0, ByteBuffer.allocate(512));
            }
        }
        assertThat(isResident(0) && isResident(1) && isResident(2) && isResident(3)).isTrue();
    }

    @Test
    void aScanInSmallReadsCountsAsOneUse() {
        for (int frame = 0; frame < 4; frame++) {
            insert(Frames.key(frame), FRAME);
        }
        for (int scanned = 100; scanned < 108; scanned++) {
            insert(Frames.key(scanned), FRAME);
            for (int offset = 0; offset < FRAME; offset += 4096) {
                copy(Frames.key(scanned), offset, ByteBuffer.allocate(4096));
            }
            copy(Frames.key(0), 0, ByteBuffer.allocate(512));
        }
        assertThat(isResident(0)).isTrue();
        assertThat(isResident(1) || isResident(2) || isResident(3)).isFalse();
    }

    @Test
    void aCacheWithoutSlotsHoldsNothing() {
        cache.close();
        cache = of(0);
        insert(Frames.key(1), FRAME);
        assertThat(isResident(1)).isFalse();
    }

    @Test
    void isEmptyAndStaysSoOnceClosed() {
        insert(Frames.key(1), FRAME);
        cache.close();
        assertThat(isResident(1)).isFalse();
        insert(Frames.key(2), FRAME);
        assertThat(isResident(2)).isFalse();
        assertThat(cache.usedBytes()).isZero();
        cache.close();
    }

    /** A hit, and an insert that evicts; some bytes of slack are the JVM's own. */
    @Test
    void neitherAHitNorAnInsertAllocates() {
        ByteBuffer frame = Frames.plain(Frames.key(0));
        ByteBuffer into = ByteBuffer.allocateDirect(4096);
        long rounds = 50_000;
        useAll(frame, into, rounds);
        long before = allocatedBytes();
        useAll(frame, into, rounds);
        assertThat((allocatedBytes() - before) / rounds).isZero();
        assertThat(cache.evictions()).isGreaterThan(rounds);
    }

    private void useAll(ByteBuffer frame, ByteBuffer into, long rounds) {
        for (int i = 0; i < rounds; i++) {
            cache.insert(Frames.VOLUME, Frames.SEGMENT, i, frame);
            cache.copyIfResident(Frames.VOLUME, Frames.SEGMENT, i, 512, into.clear());
        }
    }

    private static long allocatedBytes() {
        return ManagementFactory.getPlatformMXBean(ThreadMXBean.class)
                .getCurrentThreadAllocatedBytes();
    }

    /** Against a map that forgets nothing: what is resident is right, and sizes add up. */
    @Test
    void agreesWithAModelUnderRandomUse() {
        cache.close();
        cache = of(200);
        Random random = new Random(4711);
        Map<FrameKey, Integer> inserted = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            FrameKey key = new FrameKey(random.nextInt(3), random.nextInt(10), random.nextInt(20));
            int length = inserted.getOrDefault(key, 1 + random.nextInt(2000));
            if (random.nextInt(3) == 0) {
                insert(key, length);
                inserted.put(key, length);
            } else {
                int offset = random.nextInt(length);
                ByteBuffer into = ByteBuffer.allocate(1 + random.nextInt(length - offset));
                if (copy(key, offset, into)) {
                    assertThat(inserted).containsKey(key);
                    Frames.assertIsPart(key, offset, into);
                }
            }
        }
        long held = 0;
        for (Map.Entry<FrameKey, Integer> it : inserted.entrySet()) {
            FrameKey key = it.getKey();
            if (cache.contains(key.volume(), key.segment(), key.frame())) {
                held += it.getValue();
            }
        }
        assertThat(cache.usedBytes()).isEqualTo(held).isPositive();
    }
}
