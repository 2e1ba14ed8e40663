package io.lsmbd.wal;

import static io.lsmbd.wal.TestLog.OTHER;
import static io.lsmbd.wal.TestLog.VOLUME;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.model.VolumeId;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A volume that never commits must not pin the log. No tasks run. */
class CopyForwardTest {
    private static final WalConfig TIGHT = TestLog.config(1 << 20);
    private static final VolumeId UNATTACHED = new VolumeId(9);
    private MemoryDirectory directory = new MemoryDirectory();
    private final TestLog.RecordingSink slowSink = new TestLog.RecordingSink();

    private Wal open() throws IOException {
        return TestLog.open(new TestEnvironment("boot-1", 3), directory, TIGHT, WalDigests.none());
    }

    /** The busy volume writes many times the budget and commits at once. */
    private void writeMuch(Wal wal, long lastLsn, int records) throws IOException {
        WalStream busy = wal.stream(OTHER, 1, lastLsn, new TestLog.RecordingSink());
        for (int i = 0; i < records; i++) {
            for (int tries = 0; !wal.acceptsWithoutWaiting(32 << 10); tries++) {
                assertThat(tries).isLessThan(10);
                wal.syncNow();
                wal.recycleOnce();
            }
            TestLog.write(busy, i, 64);
            busy.committed(busy.lastLsn());
        }
        busy.close();
    }

    @Test
    void aSlowVolumesRecordsMoveAndStayReadable() throws IOException {
        Wal wal = open();
        WalStream slow = wal.stream(VOLUME, 5, 0, slowSink);
        TestLog.write(slow, 1, 3);
        slow.trim(77, 1L << 40);
        TestLog.write(slow, 9, 1);
        writeMuch(wal, 0, 200);
        assertThat(slowSink.moves).isGreaterThan(3);
        assertThat(wal.usedBytes()).isLessThanOrEqualTo(TIGHT.budget().bytes());
        assertThat(wal.files().getFirst().sequence()).isGreaterThan(20);
        checkSlow(wal);
        directory = directory.afterKill();
        try (Wal reopened = open()) {
            WalRecords records = reopened.recovery().records(VOLUME);
            assertThat(records.size()).isEqualTo(3);
            assertThat(records.problem(0)).isEmpty();
            for (int i = 0; i < 3; i++) {
                assertThat(records.epoch(i)).isEqualTo(5);
                assertThat(records.location(i)).isEqualTo(slowSink.appended.get(i).location());
            }
            checkSlow(reopened);
        }
    }

    private void checkSlow(Wal wal) throws IOException {
        for (var it : slowSink.appended) {
            if (it.kind() == WalKind.WRITE) {
                assertThat(TestLog.read(wal, it.location()))
                        .isEqualTo(TestLog.payload(it.lsn(), (int) it.sectors()).array());
            }
        }
    }

    @Test
    void recordsOfAVolumeThatNobodyAttachedMoveToo() throws IOException {
        Wal first = open();
        WalStream stream = first.stream(UNATTACHED, 2, 0, slowSink);
        TestLog.write(stream, 1, 3);
        TestLog.write(stream, 2, 3);
        directory = directory.afterKill();
        Wal wal = open();
        long before = slowSink.appended.getFirst().location();
        writeMuch(wal, 0, 100);
        // What recovery handed out before would be stale; what it hands out now is not.
        WalRecords records = wal.recovery().records(UNATTACHED);
        assertThat(records.location(0)).isNotEqualTo(before);
        for (int i = 0; i < 2; i++) {
            assertThat(TestLog.read(wal, records.location(i)))
                    .isEqualTo(TestLog.payload(i + 1, 3).array());
        }
        wal.recovery().giveBack(UNATTACHED);
        WalRecords again = wal.records(UNATTACHED);
        assertThat(again.size()).isEqualTo(2);
        assertThat(again.location(1)).isEqualTo(records.location(1));
    }

    @Test
    void borrowedRecordsStayWhereTheyAre() throws IOException {
        Wal first = open();
        TestLog.write(first.stream(UNATTACHED, 2, 0, slowSink), 1, 3);
        directory = directory.afterKill();
        Wal wal = open();
        WalRecords records = wal.recovery().records(UNATTACHED);
        WalStream busy = wal.stream(OTHER, 1, 0, new TestLog.RecordingSink());
        int rounds = 0;
        while (rounds < 60) {
            if (wal.acceptsWithoutWaiting(32 << 10)) {
                TestLog.write(busy, rounds, 64);
                busy.committed(busy.lastLsn());
            }
            wal.syncNow();
            wal.recycleOnce();
            rounds++;
        }
        assertThat(records.location(0)).isEqualTo(slowSink.last().location());
        assertThat(TestLog.read(wal, records.location(0))).hasSize(3 * 512);
        // Attached, its sink follows the moves.
        WalStream stream = wal.stream(UNATTACHED, 3, 1, slowSink);
        for (int i = 0; i < 10; i++) {
            wal.syncNow();
            wal.recycleOnce();
        }
        assertThat(slowSink.moves).isPositive();
        assertThat(TestLog.read(wal, slowSink.last().location())).hasSize(3 * 512);
        assertThat(stream.lastLsn()).isEqualTo(1);
    }
}
