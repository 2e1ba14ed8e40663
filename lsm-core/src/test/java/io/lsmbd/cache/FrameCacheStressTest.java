package io.lsmbd.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.env.Environment;
import io.lsmbd.env.SystemLogDirectory;
import io.lsmbd.env.Task;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.DataSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many readers, tiers so small that everything is evicted all the time, and a loader that fails now
 * and then: what is read must be what the frame's name says, whatever the threads do.
 */
class FrameCacheStressTest {
    private static final int FRAME = FrameCache.FRAME_BYTES;
    private static final int FRAMES = 60;
    private static final int READERS = 12;
    private static final int MAX_LOADING = 12;

    @TempDir private Path folder;
    private final Environment env = Frames.environment();
    private final CacheMetrics metrics = Frames.metrics();
    private final AtomicLong loads = new AtomicLong();
    private final AtomicInteger loadingNow = new AtomicInteger();
    private final ConcurrentHashMap<Integer, Boolean> loading = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Throwable> wrong = new ConcurrentLinkedQueue<>();

    private static DataSize frames(int count, int bytesEach) {
        return new DataSize((long) count * bytesEach);
    }

    private void load(int first, int count, ByteBuffer[] plain) throws StorageException {
        for (int i = 0; i < count; i++) {
            assertThat(loading.putIfAbsent(first + i, true)).as("loaded twice at once").isNull();
        }
        assertThat(loadingNow.addAndGet(count)).isLessThanOrEqualTo(MAX_LOADING);
        try {
            if (loads.incrementAndGet() % 50 == 0) {
                throw new ObjectStoreException(Outlook.RETRYABLE, "now and then");
            }
            Frames.load(first, plain);
        } finally {
            loadingNow.addAndGet(-count);
            for (int i = 0; i < count; i++) {
                loading.remove(first + i);
            }
        }
    }

    private void readAtRandom(FrameCache cache, int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 400; i++) {
            int first = random.nextInt(FRAMES - 6);
            int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 6 : 1);
            int offset = random.nextInt(FRAME);
            ByteBuffer into = ByteBuffer.allocate(1 + random.nextInt(count * FRAME - offset));
            try {
                switch (random.nextInt(8)) {
                    case 0 -> cache.warm(Frames.VOLUME, Frames.SEGMENT, first, count, this::load);
                    case 1 ->
                            cache.offer(
                                    Frames.VOLUME,
                                    Frames.SEGMENT,
                                    first,
                                    Frames.plain(Frames.key(first)));
                    default -> {
                        cache.read(
                                Frames.VOLUME,
                                Frames.SEGMENT,
                                first,
                                count,
                                offset,
                                into,
                                this::load);
                        check(into, first, offset);
                    }
                }
            } catch (StorageException e) {
                assertThat(e).isInstanceOf(ObjectStoreException.class);
            }
        }
    }

    private static void check(ByteBuffer got, int first, int offset) {
        for (int i = 0; i < got.position(); i++) {
            int at = offset + i;
            if (got.get(i) != Frames.byteAt(Frames.key(first + at / FRAME), at % FRAME)) {
                throw new AssertionError("wrong byte %d of frame %d".formatted(at, first));
            }
        }
    }

    private void run(FrameCache cache) {
        List<Task> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            int seed = i;
            readers.add(
                    env.spawn(
                            "reader",
                            () -> {
                                try {
                                    readAtRandom(cache, seed);
                                } catch (RuntimeException | AssertionError e) {
                                    wrong.add(e);
                                }
                            }));
        }
        readers.forEach(Task::join);
        assertThat(wrong).isEmpty();
    }

    @Test
    void readersSeeOnlyWhatBelongsToTheFrameTheyAskedFor() throws IOException {
        var config =
                new CacheConfig(
                        frames(10, FRAME),
                        frames(20, SlotFormat.SLOT_BYTES),
                        frames(MAX_LOADING, FRAME));
        try (var cache = FrameCache.open(config, SystemLogDirectory.open(folder), env, metrics)) {
            run(cache);
        }
        assertThat(metrics.corruptions()).isZero();
        assertThat(metrics.disk().hits()).isPositive();
        assertThat(metrics.memory().hits()).isPositive();
    }

    @Test
    void withoutAnyTierEveryReadIsLoadedAndRight() throws IOException {
        var config = new CacheConfig(frames(0, 1), frames(0, 1), frames(MAX_LOADING, FRAME));
        try (var cache = FrameCache.open(config, SystemLogDirectory.open(folder), env, metrics)) {
            run(cache);
        }
        assertThat(metrics.memory().hits()).isZero();
    }
}
