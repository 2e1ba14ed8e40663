package io.lsmbd.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.env.Environment;
import io.lsmbd.env.LogFile;
import io.lsmbd.env.SystemLogDirectory;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.model.DataSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFrameCacheTest {
    private static final int FRAME = FrameCache.FRAME_BYTES;

    @TempDir private Path folder;
    private final Environment env = Frames.environment();
    private final FrameBuffer buffer = new FrameBuffer();
    private CacheMetrics metrics = Frames.metrics();
    private SystemLogDirectory directory;
    private DiskFrameCache cache;

    @BeforeEach
    void open() throws IOException {
        directory = SystemLogDirectory.open(folder);
        cache = reopened(16);
    }

    @AfterEach
    void close() {
        cache.close();
    }

    private DiskFrameCache reopened(int slots) throws LocalStorageException {
        metrics = Frames.metrics();
        var capacity = new DataSize((long) slots * SlotFormat.SLOT_BYTES);
        return DiskFrameCache.openIdle(directory, capacity, env, metrics);
    }

    private void restart(int slots) throws LocalStorageException {
        cache.close();
        cache = reopened(slots);
    }

    /** As if the process had been killed: nothing is saved on the way out. */
    private void crash(int slots) throws LocalStorageException {
        cache = reopened(slots);
    }

    private void insert(FrameKey key, int length) {
        cache.insertBehind(key, Frames.plain(key, length));
        cache.runOnce();
    }

    private void insert(int frame) {
        insert(Frames.key(frame), FRAME);
    }

    /** Whether the cache has the frame; what it gives must be right. */
    private boolean has(FrameKey key) {
        if (!cache.read(key, buffer)) {
            return false;
        }
        ByteBuffer got = buffer.plain().duplicate();
        Frames.assertIsPart(key, 0, got.position(got.limit()));
        return true;
    }

    private boolean has(int frame) {
        return has(Frames.key(frame));
    }

    private void flipByte(String name, long position) throws IOException {
        try (LogFile file = directory.open(name)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(position, one);
            one.put(0, (byte) (one.get(0) ^ 0x10));
            file.write(position, one.flip());
        }
    }

    @Test
    void givesBackWhatWasInserted() {
        insert(Frames.key(1), FRAME);
        insert(Frames.key(2), 512);
        assertThat(has(1)).isTrue();
        assertThat(has(2)).isTrue();
        assertThat(buffer.plain().remaining()).isEqualTo(512);
        assertThat(has(3)).isFalse();
        assertThat(metrics.disk().hits()).isEqualTo(2);
        assertThat(metrics.disk().misses()).isEqualTo(1);
    }

    @Test
    void survivesARestart() throws LocalStorageException {
        insert(1);
        insert(Frames.key(2), 1000);
        restart(16);
        assertThat(has(1)).isTrue();
        assertThat(has(2)).isTrue();
        assertThat(metrics.corruptions()).isZero();
    }

    @Test
    void theWorkerWritesWhatWasAcceptedBeforeItCloses() throws LocalStorageException {
        cache.close();
        var capacity = new DataSize(100L * SlotFormat.SLOT_BYTES);
        try (var working = DiskFrameCache.open(directory, capacity, env, metrics)) {
            for (int frame = 0; frame < 100; frame++) {
                working.insertBehind(Frames.key(frame), Frames.plain(Frames.key(frame)));
            }
        }
        cache = reopened(100);
        for (int frame = 0; frame < 100; frame++) {
            assertThat(has(frame)).isTrue();
        }
    }

    @Test
    void dropsWhatComesFasterThanItIsWritten() {
        for (int frame = 0; frame < 130; frame++) {
            cache.insertBehind(Frames.key(frame), Frames.plain(Frames.key(frame)));
        }
        assertThat(metrics.diskDrops()).isEqualTo(2);
    }

    @Test
    void holdsNoMoreThanItsSlots() throws IOException {
        for (int frame = 0; frame < 50; frame++) {
            insert(frame);
        }
        int held = 0;
        for (int frame = 0; frame < 50; frame++) {
            held += has(frame) ? 1 : 0;
        }
        assertThat(held).isEqualTo(16);
        try (LogFile file = directory.open(DiskFrameCache.FRAMES)) {
            assertThat(file.size()).isEqualTo(16L * SlotFormat.SLOT_BYTES);
        }
    }

    @Test
    void anyFlippedBitOfASlotIsAMissAndCounted() throws IOException {
        int length = 600;
        int[] offsets = {0, 5, 8, 23, 24, 28, 32, 39, 4096, 4096 + 300, 4096 + length - 1};
        for (int i = 0; i < offsets.length; i++) {
            FrameKey key = Frames.key(i);
            insert(key, length);
            flipByte(DiskFrameCache.FRAMES, SlotFormat.position(i) + offsets[i]);
            assertThat(has(key)).as("flipped at %d", offsets[i]).isFalse();
            assertThat(metrics.corruptions()).isEqualTo(i + 1);
            assertThat(has(key)).isFalse();
            assertThat(metrics.corruptions()).isEqualTo(i + 1);
        }
    }

    @Test
    void aDamagedSlotIsUsedAgain() throws IOException {
        insert(1);
        flipByte(DiskFrameCache.FRAMES, 5000);
        assertThat(has(1)).isFalse();
        insert(1);
        assertThat(has(1)).isTrue();
    }

    @Test
    void anyFlippedBitOfTheDirectoryLetsTheCacheStartEmpty() throws IOException {
        insert(1);
        restart(16);
        for (long position : new long[] {0, 4, 8, 12, 16, 40, 36, 43}) {
            flipByte(DirectoryFile.NAME, position);
            crash(16);
            assertThat(has(1)).as("flipped at %d", position).isFalse();
            assertThat(metrics.corruptions()).isEqualTo(1);
            flipByte(DirectoryFile.NAME, position);
        }
        crash(16);
        assertThat(has(1)).isTrue();
    }

    @Test
    void anAbsentDirectoryLetsTheCacheStartEmpty() throws IOException {
        insert(1);
        restart(16);
        directory.delete(DirectoryFile.NAME);
        crash(16);
        assertThat(has(1)).isFalse();
        insert(2);
        assertThat(has(2)).isTrue();
        assertThat(metrics.corruptions()).isZero();
    }

    @Test
    void aStaleDirectoryIsHarmless() throws LocalStorageException {
        for (int frame = 0; frame < 16; frame++) {
            insert(frame);
        }
        restart(16);
        for (int frame = 100; frame < 105; frame++) {
            insert(frame);
        }
        crash(16);
        int held = 0;
        for (int frame = 0; frame < 200; frame++) {
            held += has(frame) ? 1 : 0;
        }
        assertThat(held).isEqualTo(11);
        assertThat(metrics.corruptions()).isZero();
    }

    @Test
    void slotsThatNeverReachedTheDiskAreMisses() throws IOException {
        insert(1);
        restart(16);
        directory.delete(DiskFrameCache.FRAMES);
        directory.create(DiskFrameCache.FRAMES).close();
        crash(16);
        assertThat(has(1)).isFalse();
        assertThat(metrics.corruptions()).isZero();
    }

    @Test
    void aLargerCapacityKeepsTheFramesAndASmallerStartsOver() throws LocalStorageException {
        for (int frame = 0; frame < 16; frame++) {
            insert(frame);
        }
        restart(32);
        insert(16);
        for (int frame = 0; frame < 17; frame++) {
            assertThat(has(frame)).isTrue();
        }
        restart(8);
        assertThat(has(0)).isFalse();
        insert(0);
        assertThat(has(0)).isTrue();
    }

    @Test
    void aDiskThatFailsGivesMissesOnly() {
        insert(1);
        cache.close();
        assertThat(has(1)).isFalse();
        assertThat(metrics.diskErrors()).isEqualTo(1);
        cache.insertBehind(Frames.key(2), Frames.plain(Frames.key(2)));
        assertThat(has(2)).isFalse();
    }

    @Test
    void agreesWithAModelThroughRestartsCrashesAndDamage() throws IOException {
        Random random = new Random(42);
        Map<FrameKey, Integer> lengths = new HashMap<>();
        int hits = 0;
        for (int step = 0; step < 4000; step++) {
            FrameKey key = new FrameKey(random.nextInt(2), random.nextInt(3), random.nextInt(6));
            int length = lengths.computeIfAbsent(key, _ -> 1 + random.nextInt(3000));
            switch (random.nextInt(50)) {
                case 0 -> restart(16);
                case 1 -> crash(16);
                case 2 ->
                        flipByte(
                                DiskFrameCache.FRAMES,
                                SlotFormat.position(random.nextInt(16)) + random.nextInt(4200));
                default -> {
                    if (random.nextBoolean()) {
                        insert(key, length);
                    } else if (has(key)) {
                        assertThat(buffer.plain().remaining()).isEqualTo(length);
                        hits++;
                    }
                }
            }
        }
        assertThat(hits).isGreaterThan(300);
    }
}
