package io.lsmbd.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.model.Sectors;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SequentialDetectorTest {
    private static final int KIB = 1024 / Sectors.BYTES;
    private static final int MIB = 1024 * KIB;

    private final SequentialDetector detector = new SequentialDetector();

    @Test
    void theSecondSequentialReadGetsTheFirstWindow() {
        assertThat(detector.observe(1000, 8)).isZero();
        long ahead = detector.observe(1008, 8);
        assertThat(detector.windowStart()).isEqualTo(1016);
        assertThat(ahead).isEqualTo(256 * KIB);
    }

    @Test
    void windowsDoubleFollowEachOtherAndAreAskedForWhenHalfIsConsumed() {
        detector.observe(0, 8);
        long aheadEnd = 8;
        int window = 128 * KIB;
        for (long lba = 8; lba < 100L * MIB; lba += 8) {
            long left = aheadEnd - (lba + 8);
            long ahead = detector.observe(lba, 8);
            if (ahead == 0) {
                assertThat(left).isGreaterThan(window / 2);
                continue;
            }
            assertThat(left).isLessThanOrEqualTo(window / 2);
            assertThat(detector.windowStart()).isEqualTo(Math.max(aheadEnd, lba + 8));
            window = Math.min(8 * MIB, window * 2);
            assertThat(ahead).isEqualTo(window);
            aheadEnd = detector.windowStart() + window;
        }
        assertThat(window).isEqualTo(8 * MIB);
    }

    @Test
    void randomReadsGetNothing() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            long lba = random.nextLong(Sectors.MAX_VOLUME_SECTORS - 8) & ~7L;
            assertThat(detector.observe(lba, 8)).isZero();
        }
    }

    @Test
    void rereadingOnePlaceIsNotSequential() {
        for (int i = 0; i < 100; i++) {
            assertThat(detector.observe(4096, 8)).isZero();
        }
    }

    @Test
    void eightStreamsAreFollowedAtOnce() {
        for (int stream = 0; stream < 8; stream++) {
            detector.observe(stream * 1_000_000L, 64);
        }
        for (int stream = 0; stream < 8; stream++) {
            assertThat(detector.observe(stream * 1_000_000L + 64, 64)).isPositive();
            assertThat(detector.windowStart()).isEqualTo(stream * 1_000_000L + 128);
        }
    }

    @Test
    void aNewStreamTakesThePlaceOfTheOneSilentLongest() {
        for (int stream = 0; stream < 9; stream++) {
            detector.observe(stream * 1_000_000L, 64);
        }
        assertThat(detector.observe(1_000_064L, 64)).isPositive();
        assertThat(detector.observe(64, 64)).isZero();
    }

    @Test
    void requestsOfOneReaderMayOvertakeEachOther() {
        detector.observe(0, 256);
        detector.observe(256, 256);
        long covered = 512 + 256 * KIB;
        for (int pair = 1; pair < 200; pair++) {
            for (long lba : new long[] {512L * pair + 256, 512L * pair}) {
                long ahead = detector.observe(lba, 256);
                if (ahead != 0) {
                    assertThat(detector.windowStart()).isEqualTo(covered);
                    covered += ahead;
                }
            }
            assertThat(covered).isGreaterThan(512L * pair + 512);
        }
    }

    @Test
    void largeReadsStartWithALargeWindow() {
        detector.observe(0, MIB);
        assertThat(detector.observe(MIB, MIB)).isEqualTo(2 * MIB);
    }
}
