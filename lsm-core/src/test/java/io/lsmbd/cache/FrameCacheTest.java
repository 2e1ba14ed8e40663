package io.lsmbd.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import io.lsmbd.env.Task;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.DataSize;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameCacheTest {
    private static final int FRAME = FrameCache.FRAME_BYTES;

    private final Environment env = Frames.environment();
    private final CacheMetrics metrics = Frames.metrics();
    private final FrameCache cache = new FrameCache(memory(64), null, env, metrics);
    private final List<String> loads = new ArrayList<>();

    private static MemoryFrameCache memory(int frames) {
        return new MemoryFrameCache(new DataSize((long) frames * FRAME), Frames.metrics());
    }

    private final FrameLoader loader =
            (first, count, plain) -> {
                loads.add(first + "+" + count);
                Frames.load(first, plain);
            };

    @AfterEach
    void close() {
        cache.close();
    }

    private ByteBuffer read(int first, int count, int offset, int length) throws StorageException {
        ByteBuffer into = ByteBuffer.allocate(length + 7).position(5).limit(length + 5);
        cache.read(Frames.VOLUME, Frames.SEGMENT, first, count, offset, into, loader);
        assertThat(into.position()).isEqualTo(length + 5);
        return into.flip().position(5).slice();
    }

    private static void assertHolds(ByteBuffer got, int first, int offset) {
        for (int i = 0; i < got.remaining(); i++) {
            int at = offset + i;
            byte expected = Frames.byteAt(Frames.key(first + at / FRAME), at % FRAME);
            if (got.get(i) != expected) {
                assertThat(got.get(i)).as("byte %d", i).isEqualTo(expected);
            }
        }
    }

    @Test
    void loadsWhatIsMissingOnceAndThenHasIt() throws StorageException {
        assertHolds(read(10, 1, 100, 200), 10, 100);
        assertHolds(read(10, 1, 0, FRAME), 10, 0);
        assertThat(loads).containsExactly("10+1");
        ByteBuffer into = ByteBuffer.allocate(64);
        assertThat(cache.copyIfResident(Frames.VOLUME, Frames.SEGMENT, 10, 64, into)).isTrue();
        Frames.assertIsPart(Frames.key(10), 64, into);
    }

    @Test
    void readsAcrossFramesAndMergesNeighboursIntoOneLoad() throws StorageException {
        read(12, 1, 0, 1);
        assertHolds(read(10, 5, 1000, 4 * FRAME), 10, 1000);
        assertThat(loads).containsExactly("12+1", "10+2", "13+2");
    }

    @Test
    void takesBuffersThatALoaderPutsInPlaceOfTheGivenOnes() throws StorageException {
        ByteBuffer into = ByteBuffer.allocate(FRAME + 10);
        cache.read(
                Frames.VOLUME,
                Frames.SEGMENT,
                0,
                2,
                0,
                into,
                (first, _, plain) -> {
                    plain[0] = Frames.plain(Frames.key(first));
                    plain[1] = Frames.plain(Frames.key(first + 1), 512).asReadOnlyBuffer();
                });
        assertHolds(into.flip(), 0, 0);
    }

    @Test
    void refusesWhatTheFramesDoNotHave() {
        assertThatThrownBy(() -> read(0, 2, 1, 2 * FRAME))
                .isInstanceOf(IllegalArgumentException.class);
        FrameLoader shortFrame = (_, _, plain) -> plain[0] = ByteBuffer.allocate(512);
        ByteBuffer into = ByteBuffer.allocate(513);
        assertThatThrownBy(
                        () -> cache.read(Frames.VOLUME, Frames.SEGMENT, 0, 1, 0, into, shortFrame))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(into.position()).isZero();
    }

    @Test
    void refusesALoaderThatForgotToFlip() {
        FrameLoader unflipped = (_, _, plain) -> plain[0].putInt(1);
        assertThatThrownBy(() -> cache.warm(Frames.VOLUME, Frames.SEGMENT, 0, 1, unflipped))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void warmsWithoutCopyingAndSkipsWhatIsResident() throws StorageException {
        read(3, 1, 0, 1);
        cache.warm(Frames.VOLUME, Frames.SEGMENT, 2, 4, loader);
        assertHolds(read(2, 4, 0, 4 * FRAME), 2, 0);
        assertThat(loads).containsExactly("3+1", "2+1", "4+2");
    }

    @Test
    void anOfferedFrameIsNotLoaded() throws StorageException {
        ByteBuffer plain = Frames.plain(Frames.key(5));
        cache.offer(Frames.VOLUME, Frames.SEGMENT, 5, plain);
        assertThat(plain.position()).isZero();
        assertHolds(read(5, 1, 0, FRAME), 5, 0);
        assertThat(loads).isEmpty();
    }

    @Test
    void countsEachFrameOfEachReadOnce() throws StorageException {
        read(0, 2, 0, 2 * FRAME);
        read(1, 2, 0, 2 * FRAME);
        assertThat(metrics.memory().misses()).isEqualTo(3);
        assertThat(metrics.memory().hits()).isEqualTo(1);
    }

    @Test
    void aLargeReadIsLoadedInBoundedPieces() throws StorageException {
        assertHolds(read(0, 300, 0, 300 * FRAME), 0, 0);
        assertThat(loads).containsExactly("0+128", "128+128", "256+44");
    }

    @Test
    void anErrorIsToldAndNotRemembered() throws StorageException {
        AtomicBoolean isDown = new AtomicBoolean(true);
        FrameLoader flaky =
                (first, _, plain) -> {
                    if (isDown.get()) {
                        throw new ObjectStoreException(Outlook.RETRYABLE, "down");
                    }
                    Frames.load(first, plain);
                };
        ByteBuffer into = ByteBuffer.allocate(100);
        assertThatThrownBy(() -> cache.read(Frames.VOLUME, Frames.SEGMENT, 0, 1, 0, into, flaky))
                .isInstanceOf(ObjectStoreException.class);
        assertThat(into.position()).isZero();
        isDown.set(false);
        cache.read(Frames.VOLUME, Frames.SEGMENT, 0, 1, 0, into, flaky);
        Frames.assertIsPart(Frames.key(0), 0, into);
    }

    /** Holds a load back until the test lets it go. */
    private final class Gate {
        private final Signal signal = env.signal();
        private final AtomicInteger arrived = new AtomicInteger();
        private final AtomicBoolean isOpen = new AtomicBoolean();

        void pass() {
            arrived.incrementAndGet();
            signal.signalAll();
            signal.await(isOpen::get);
        }

        void awaitArrivals(int count) {
            signal.await(() -> arrived.get() >= count);
        }

        void open() {
            isOpen.set(true);
            signal.signalAll();
        }
    }

    private Task reader(int frame, FrameLoader through, List<String> results) {
        return env.spawnVirtual(
                "reader",
                () -> {
                    ByteBuffer into = ByteBuffer.allocate(FRAME);
                    String result = "ok";
                    try {
                        cache.read(Frames.VOLUME, Frames.SEGMENT, frame, 1, 0, into, through);
                        Frames.assertIsPart(Frames.key(frame), 0, into);
                    } catch (StorageException e) {
                        result = e.getClass().getSimpleName();
                    } catch (RuntimeException e) {
                        result = "bug";
                    }
                    synchronized (results) {
                        results.add(result);
                    }
                });
    }

    private static List<String> joined(List<Task> tasks, List<String> results) {
        tasks.forEach(Task::join);
        return results;
    }

    /** Starts a leader that is stuck in its load, and some who wait for it, or come too late. */
    private List<String> resultsOfTenReaders(FrameLoader first, FrameLoader later, Gate gate) {
        List<String> results = new ArrayList<>();
        List<Task> tasks = new ArrayList<>();
        tasks.add(reader(7, first, results));
        gate.awaitArrivals(1);
        for (int i = 0; i < 9; i++) {
            tasks.add(reader(7, later, results));
        }
        awaitMisses(10);
        gate.open();
        return joined(tasks, results);
    }

    private void awaitMisses(int count) {
        while (metrics.memory().misses() < count) {
            Thread.onSpinWait();
        }
    }

    @Test
    void oneLoadServesAllWhoAskMeanwhile() {
        Gate gate = new Gate();
        AtomicInteger count = new AtomicInteger();
        FrameLoader counting =
                (first, _, plain) -> {
                    count.incrementAndGet();
                    gate.pass();
                    Frames.load(first, plain);
                };
        assertThat(resultsOfTenReaders(counting, counting, gate)).hasSize(10).containsOnly("ok");
        assertThat(count).hasValue(1);
    }

    @Test
    void aLeaderThatDiesOfABugBlocksNobody() {
        Gate gate = new Gate();
        FrameLoader dying =
                (_, _, _) -> {
                    gate.pass();
                    throw new IllegalStateException("bug");
                };
        FrameLoader sound = (first, _, plain) -> Frames.load(first, plain);
        assertThat(resultsOfTenReaders(dying, sound, gate))
                .hasSize(10)
                .containsOnlyOnce("bug")
                .containsOnly("ok", "bug");
    }

    @Test
    void damageOfANeighbourFailsOnlyWhoAskedForIt() throws StorageException {
        Gate gate = new Gate();
        FrameLoader damagedAt8 =
                (first, count, plain) -> {
                    gate.pass();
                    if (first <= 8 && 8 < first + count) {
                        throw new CorruptDataException("segment 42", 8, "bad frame");
                    }
                    Frames.load(first, plain);
                };
        List<String> results = new ArrayList<>();
        Task leader =
                env.spawnVirtual(
                        "leader",
                        () ->
                                assertThatThrownBy(() ->
                                                cache.warm(
                                                        Frames.VOLUME,
                                                        Frames.SEGMENT,
                                                        6,
                                                        4,
                                                        damagedAt8))
                                        .isInstanceOf(CorruptDataException.class));
        gate.awaitArrivals(1);
        List<Task> tasks = List.of(reader(7, damagedAt8, results), reader(8, damagedAt8, results));
        awaitMisses(2);
        gate.open();
        leader.join();
        assertThat(joined(tasks, results)).containsExactlyInAnyOrder("ok", "CorruptDataException");
    }
}
