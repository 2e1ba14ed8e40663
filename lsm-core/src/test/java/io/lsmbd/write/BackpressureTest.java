package io.lsmbd.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.env.Task;
import io.lsmbd.model.DataSize;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class BackpressureTest {
    private static final int LIMIT = (1 << 20) * 4 / 5;
    private static final int WATERMARK = LIMIT * 3 / 4;

    private final SystemEnvironment environment =
            new SystemEnvironment((_, death) -> {
                throw new AssertionError(death);
            });
    private final Backpressure pressure = new Backpressure(environment, new DataSize(1 << 20), 100);

    @Test
    void bytesAreCountedAsTheyAreHoweverManyRecordsTheyAre() {
        Backpressure.Account account = pressure.account();
        account.add(512);
        account.add(0);

        assertThat(account.usedBytes()).isEqualTo(512);
        assertThat(pressure.totalBytes()).isEqualTo(512);
        assertThat(pressure.totalRecords()).isEqualTo(2);
    }

    @Test
    void threeQuartersOfTheLimitAreFree() {
        Backpressure.Account account = pressure.account();
        account.add(WATERMARK - 1000);

        assertThat(account.isFree(1000, 1)).isTrue();
        assertThat(account.isFree(1001, 1)).isFalse();
    }

    @Test
    void manySmallRecordsUseUpTheMemoryBeforeTheLog() {
        Backpressure.Account account = pressure.account();
        for (int i = 0; i < 59; i++) {
            account.add(512);
        }

        assertThat(account.isFree(512, 1)).isTrue();
        assertThat(account.isFree(512, 2)).isFalse();
        assertThat(account.pressure().bound()).isEqualTo(Pressure.Bound.RECORDS);
        assertThat(account.pressure().fullness()).isEqualTo(59 / 80.0);
    }

    /** A write may be in the middle of its append while the volume is let go. */
    @Test
    void whatIsAppendedWhileTheVolumeIsClosedDoesNotCountForEver() {
        Backpressure.Account account = pressure.account();
        account.add(512);
        account.close();
        account.add(4096);

        assertThat(pressure.totalBytes()).isZero();
        assertThat(pressure.totalRecords()).isZero();
    }

    @Test
    void aStuckVolumeLeavesRoomToOthers() {
        Backpressure.Account stuck = pressure.account();
        stuck.add(LIMIT);

        assertThat(pressure.account().isFree(10_000, 1)).isTrue();
    }

    @Test
    void atTheLimitAWriteWaitsUntilSomethingCommits() {
        Backpressure.Account account = pressure.account();
        account.add(1 << 20);
        AtomicBoolean passed = new AtomicBoolean();
        Task writer =
                environment.spawn(
                        "writer",
                        () -> {
                            account.await(4096, 1);
                            passed.set(true);
                        });

        assertThat(passed).isFalse();
        account.committed(1 << 20, 1, 1_000_000);
        writer.join();

        assertThat(passed).isTrue();
        assertThat(account.usedBytes()).isZero();
        assertThat(account.pressure().waitingWrites()).isZero();
    }

    @Test
    void aWriteThatIsLargerThanTheLimitGoesAlone() {
        Backpressure.Account account = pressure.account();

        account.await(2 << 20, 1);
        account.add(2 << 20);

        assertThat(account.pressure().fullness()).isGreaterThan(2);
    }

    @Test
    void closingLetsWaitersGo() {
        Backpressure.Account account = pressure.account();
        account.add(1 << 20);
        Task writer = environment.spawn("writer", () -> account.await(4096, 1));
        account.close();
        writer.join();

        assertThat(pressure.totalBytes()).isZero();
        assertThat(pressure.totalRecords()).isZero();
    }
}
