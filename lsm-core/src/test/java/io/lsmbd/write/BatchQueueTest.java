package io.lsmbd.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.env.Task;
import io.lsmbd.model.DataSize;
import io.lsmbd.wal.WalKind;
import io.lsmbd.wal.WalLocation;
import io.lsmbd.wal.index.ExtentList;
import io.lsmbd.wal.index.WalIndex;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BatchQueueTest {
    private static final long HERE = WalLocation.ofWrite(4096, 8);
    private static final long THERE = WalLocation.ofWrite(65536, 8);
    private static final long FOREIGN = WalLocation.ofWrite(8192, 8);

    private final SystemEnvironment environment =
            new SystemEnvironment((_, death) -> {
                throw new AssertionError(death);
            });
    private final BatchQueue batches =
            new BatchQueue(
                    new UploadPolicy(new DataSize(1 << 20), 3, Duration.ofHours(1), 2, 64),
                    environment);
    private final WalIndex index = new WalIndex();
    private volatile @Nullable Batch taken;

    private void add(long lsn, long location) {
        index.put(lsn * 8, 8, location);
        batches.add(lsn, WalKind.WRITE, lsn * 8, 8, location);
    }

    private Batch sealed() {
        batches.sealSoon();
        @Nullable Batch batch = batches.next();
        if (batch == null) {
            throw new AssertionError("nothing was sealed");
        }
        return batch;
    }

    private void relocate(long lsn, long from, long to) {
        batches.relocate(lsn, from, to, () -> index.relocate(lsn * 8, 8, from, to));
    }

    @Test
    void aFullBatchIsSealedAndTheNextRecordOpensAnother() {
        for (long lsn = 1; lsn <= 4; lsn++) {
            add(lsn, HERE);
        }

        assertThat(sealed().lastLsn()).isEqualTo(3);
        assertThat(sealed().firstLsn()).isEqualTo(4);
    }

    @Test
    void noBatchEndsWithinARequest() {
        add(1, HERE);
        batches.begin(4, 32);
        for (long lsn = 2; lsn <= 4; lsn++) {
            add(lsn, HERE);
        }
        batches.sealSoon();
        Task dispatcher = environment.spawn("next", () -> taken = batches.next());
        // Full by its records and wanted besides, it has to wait for the fourth.
        add(5, HERE);
        dispatcher.join();

        assertThat(taken).isNotNull().extracting(Batch::lastLsn).isEqualTo(5L);
    }

    @Test
    void whatIsWantedInTheMiddleOfARequestIsSealedAtItsEnd() throws InterruptedException {
        batches.begin(2, 16);
        add(1, HERE);
        // It waits for the batch's age, which is an hour.
        Thread dispatcher = new Thread(() -> taken = batches.next());
        dispatcher.start();
        awaitWaiting(dispatcher);
        batches.sealSoon();
        awaitWaiting(dispatcher);
        add(2, HERE);
        dispatcher.join(Duration.ofSeconds(10));
        batches.close();

        assertThat(taken).isNotNull().extracting(Batch::lastLsn).isEqualTo(2L);
    }

    /** Looks often: a thread that was just woken may still look as if it waited. */
    private static void awaitWaiting(Thread thread) {
        int seen = 0;
        while (seen < 1000) {
            Thread.onSpinWait();
            seen = thread.getState() == Thread.State.TIMED_WAITING ? seen + 1 : 0;
        }
    }

    @Test
    void whatCameBeforeARequestThatIsBrokenOffIsSealedWithoutIt() {
        add(1, HERE);
        batches.begin(4, 32);
        add(2, HERE);
        batches.sealSoon();
        batches.breakOff();
        @Nullable Batch batch = batches.next();

        assertThat(batch).isNotNull().extracting(Batch::lastLsn).isEqualTo(1L);
        assertThat(batch).extracting(Batch::payloadSectors).isEqualTo(8L);
    }

    @Test
    void aRequestThatIsBrokenOffLeavesNoBatch() {
        batches.begin(4, 32);
        add(1, HERE);
        batches.breakOff();

        assertThat(batches.oldestAgeNanos()).isZero();
    }

    @Test
    void aRequestThatDoesNotFitBeginsTheNextBatch() {
        add(1, HERE);
        batches.begin(17, 17 * 128);
        for (long lsn = 2; lsn <= 18; lsn++) {
            add(lsn, HERE);
        }

        assertThat(sealed().lastLsn()).isEqualTo(1);
        assertThat(sealed().lastLsn()).isEqualTo(18);
    }

    @Test
    void aRecordThatMovedIsFoundWhereItIsNow() {
        add(1, HERE);
        relocate(1, HERE, THERE);
        Batch batch = sealed();

        assertThat(batches.locationOf(batch, 0)).isEqualTo(THERE);
        batches.forget(batch, index);
        assertThat(index.isEmpty()).isTrue();
    }

    @Test
    void aRecordOfAnEarlierEpochWithTheSameNumberMovesNothing() {
        add(1, HERE);
        relocate(1, FOREIGN, THERE);
        Batch batch = sealed();

        assertThat(batches.locationOf(batch, 0)).isEqualTo(HERE);
        ExtentList found = new ExtentList();
        index.lookup(8, 8, found);
        assertThat(found.location(0)).isEqualTo(HERE);
    }

    @Test
    void aRecordMovesWhileItsBatchIsUnderWay() {
        add(1, HERE);
        Batch batch = sealed();
        relocate(1, HERE, THERE);

        assertThat(batches.locationOf(batch, 0)).isEqualTo(THERE);
    }

    @Test
    void recordsComeWithoutAGap() {
        add(1, HERE);

        assertThatThrownBy(() -> add(3, THERE)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void batchesCommitInOrder() {
        for (long lsn = 1; lsn <= 6; lsn++) {
            add(lsn, HERE);
        }
        sealed();
        Batch second = sealed();

        assertThatThrownBy(() -> batches.committed(second))
                .isInstanceOf(IllegalStateException.class);
    }
}
