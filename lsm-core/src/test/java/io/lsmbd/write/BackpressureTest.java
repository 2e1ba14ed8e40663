package io.lsmbd.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.env.Task;
import io.lsmbd.model.DataSize;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class BackpressureTest {
    private final SystemEnvironment environment =
            new SystemEnvironment((_, death) -> {
                throw new AssertionError(death);
            });
    private final Backpressure pressure =
            new Backpressure(environment, new DataSize(1 << 20), 1 << 14);

    @Test
    void manySmallRecordsUseUpTheBudgetSoonerThanTheirBytes() {
        Backpressure.Account account = pressure.account();

        assertThat(account.charge(512, 1)).isEqualTo(512 + 64);
        assertThat(account.charge(0, 1)).isEqualTo(64);
    }

    @Test
    void halfOfTheLimitIsFree() {
        Backpressure.Account account = pressure.account();
        long limit = (1 << 20) * 4 / 5;
        account.add(limit / 2 - 1000);

        assertThat(account.isFree(1000)).isTrue();
        assertThat(account.isFree(1001)).isFalse();
    }

    @Test
    void aStuckVolumeLeavesRoomToOthers() {
        Backpressure.Account stuck = pressure.account();
        stuck.add((1 << 20) * 4 / 5);

        assertThat(pressure.account().isFree(10_000)).isTrue();
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
                            account.await(4096);
                            passed.set(true);
                        });

        assertThat(passed).isFalse();
        account.committed(1 << 20, 1_000_000);
        writer.join();

        assertThat(passed).isTrue();
        assertThat(account.usedBytes()).isZero();
    }

    @Test
    void closingLetsWaitersGo() {
        Backpressure.Account account = pressure.account();
        account.add(1 << 20);
        Task writer = environment.spawn("writer", () -> account.await(4096));
        account.close();
        writer.join();

        assertThat(pressure.totalBytes()).isZero();
    }
}
