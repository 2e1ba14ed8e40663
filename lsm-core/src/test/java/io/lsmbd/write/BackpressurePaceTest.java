package io.lsmbd.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.model.DataSize;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A steady load that is more than a slow store takes, in simulated time: one writer, segments that
 * are uploaded side by side over one line and commit in order, some of them late.
 */
class BackpressurePaceTest {
    private static final long MIB = 1 << 20;
    private static final long SEGMENT = 32 * MIB;
    private static final int PARALLEL = 4;
    private static final int SECONDS = 240;

    private static final long STORE = 25 * MIB; // a second

    private final Random random = new Random(42);
    private final SimulatedTime time = new SimulatedTime(this::upload);
    private final ArrayDeque<Upload> waiting = new ArrayDeque<>();
    private final ArrayDeque<Upload> underWay = new ArrayDeque<>();
    private long lastCommitNanos;
    private Backpressure.Account account =
            new Backpressure(time, new DataSize(1), 1).account(); // each test has its own
    private boolean storeIsAway;
    private Upload open = new Upload();

    /** A segment on its way. */
    private static final class Upload {
        long bytes;
        long records;
        long sealedNanos;
        double leftBytes;
        double lateSeconds;
    }

    private void use(long budget, long maxRecords) {
        account = new Backpressure(time, new DataSize(budget), maxRecords).account();
    }

    private void upload(long stepNanos) {
        while (!storeIsAway && underWay.size() < PARALLEL && !waiting.isEmpty()) {
            underWay.add(waiting.remove());
        }
        long sending = underWay.stream().filter(it -> it.leftBytes > 0).count();
        for (Upload it : underWay) {
            if (it.leftBytes > 0) {
                it.leftBytes -= STORE * (stepNanos / 1e9) / sending;
            } else {
                it.lateSeconds -= stepNanos / 1e9;
            }
        }
        while (!underWay.isEmpty() && isDone(underWay.element())) {
            Upload first = underWay.remove();
            long now = time.nanoClock().nanos();
            account.committed(
                    first.bytes, first.records, now - Math.max(lastCommitNanos, first.sealedNanos));
            lastCommitNanos = now;
        }
    }

    private static boolean isDone(Upload it) {
        return it.leftBytes <= 0 && it.lateSeconds <= 0;
    }

    private void write(int bytes) {
        account.await(bytes, 1);
        account.add(bytes);
        open.bytes += bytes;
        open.records++;
        if (open.bytes >= SEGMENT || open.records >= UploadPolicy.STANDARD.maxRecords()) {
            open.sealedNanos = time.nanoClock().nanos();
            open.leftBytes = open.bytes;
            open.lateSeconds = random.nextInt(10) == 0 ? 2 : 0.02;
            waiting.add(open);
            open = new Upload();
        }
    }

    /** Bytes written in each second by one who writes so many bytes a second if let. */
    private double[] perSecond(long load, int bytes) {
        double[] written = new double[SECONDS];
        long interval = bytes * 1_000_000_000L / load;
        long next = 0;
        while (true) {
            time.sleep(Duration.ofNanos(Math.max(0, next - time.nanoClock().nanos())));
            next = time.nanoClock().nanos() + interval;
            write(bytes);
            int second = (int) (time.nanoClock().nanos() / 1_000_000_000L);
            if (second >= SECONDS) {
                return written;
            }
            written[second] += bytes;
        }
    }

    private static double mean(double[] values, int from) {
        return Arrays.stream(values, from, values.length).average().orElseThrow();
    }

    /** Ends at the store's rate, and never stumbles on the way there. */
    private void assertSmooth(double[] written) {
        double atLast = mean(written, SECONDS / 2);
        assertThat(atLast).isBetween(STORE * 0.85, STORE * 1.1);
        double slowest = Arrays.stream(written).min().orElseThrow();
        assertThat(slowest)
                .as("the slowest second of %s", Arrays.toString(written))
                .isGreaterThan(atLast / 2);
        assertThat(account.pressure().fullness()).isBetween(Pressure.WATERMARK, 1.0);
    }

    @Test
    void aLoadALittleAboveTheStoresRateEndsAtThatRate() {
        use(1 << 30, 1 << 20);

        double[] written = perSecond(STORE * 5 / 4, 64 << 10);

        assertSmooth(written);
        assertThat(Arrays.stream(written).min().orElseThrow()).isGreaterThan(mean(written, 0) / 2);
    }

    @Test
    void soDoesOneThatIsFarAbove() {
        use(1 << 30, 1 << 20);

        assertSmooth(perSecond(STORE * 20, 256 << 10));
    }

    @Test
    void smallWritesMeetTheBoundOfRecordsInTheSameWay() {
        use(64L << 30, 200_000);

        assertSmooth(perSecond(STORE * 2, 4 << 10));
        assertThat(account.pressure().bound()).isEqualTo(Pressure.Bound.RECORDS);
    }

    @Test
    void aLoadBelowTheStoresRateIsNeverHeldBack() {
        use(1 << 30, 1 << 20);
        double[] written = perSecond(STORE * 9 / 10, 64 << 10);

        assertThat(account.pressure().waited()).isZero();
        assertThat(Arrays.stream(written).min().orElseThrow()).isGreaterThan(STORE * 0.85);
    }

    @Test
    void whileTheStoreIsAwayWritesGoOnFreelyThenSlowDownThenWait() {
        use(1 << 30, 1 << 20);
        storeIsAway = true;
        double limit = (1L << 30) * 0.8;
        while (account.usedBytes() + MIB <= limit) {
            write(1 << 20);
            if (account.usedBytes() <= limit * Pressure.WATERMARK) {
                assertThat(account.pressure().waited()).isZero();
            }
        }
        assertThat(account.pressure().waited()).isGreaterThan(Duration.ofSeconds(5));
        storeIsAway = false;
        long before = time.nanoClock().nanos();
        write(8 << 20); // has to wait, and then need not

        assertThat(time.nanoClock().nanos() - before).isBetween(1_000_000_000L, 10_000_000_000L);
    }
}
