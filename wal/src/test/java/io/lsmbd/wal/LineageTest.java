package io.lsmbd.wal;

import static io.lsmbd.wal.TestLog.OTHER;
import static io.lsmbd.wal.TestLog.VOLUME;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What another host's turn left over stays in the log. No tasks run. */
class LineageTest {
    private static final WalConfig TIGHT = TestLog.config(1 << 20);
    private final TestLog.RecordingSink sink = new TestLog.RecordingSink();
    private MemoryDirectory directory = new MemoryDirectory();
    private long busyLsn;

    private Wal open() throws IOException {
        return TestLog.open(new TestEnvironment("boot-1", 3), directory, TIGHT, WalDigests.none());
    }

    /** Another volume writes many times the budget and commits at once. */
    private void writeMuch(Wal wal) throws IOException {
        WalStream busy = wal.stream(OTHER, 1, busyLsn, new TestLog.RecordingSink());
        for (int i = 0; i < 100; i++) {
            for (int tries = 0; !wal.acceptsWithoutWaiting(32 << 10); tries++) {
                assertThat(tries).isLessThan(10);
                wal.syncNow();
                wal.recycleOnce();
            }
            TestLog.write(busy, i, 64);
            busy.committed(busy.lastLsn());
        }
        busyLsn = busy.lastLsn();
        busy.close();
    }

    /** As epoch/LSN. */
    private static List<String> recordsOf(WalRecords records) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            found.add(records.epoch(i) + "/" + records.lsn(i));
        }
        return found;
    }

    private List<String> afterKill() throws IOException {
        try (Wal killed =
                TestLog.open(
                        new TestEnvironment("boot-1", 3),
                        directory.afterKill(),
                        TIGHT,
                        WalDigests.none())) {
            return recordsOf(killed.recovery().records(VOLUME));
        }
    }

    /** Epoch 2 committed as well, after it had replayed; epoch 3 was another host's. */
    private WalStream comesBackTo(Wal wal) throws IOException {
        WalStream first = wal.stream(VOLUME, 1, 0, sink);
        for (int i = 0; i < 3; i++) {
            TestLog.write(first, i, 1);
        }
        first.close();
        WalStream second = wal.stream(VOLUME, 2, 3, sink);
        second.committed(3);
        for (int i = 0; i < 3; i++) {
            TestLog.write(second, i, 1);
        }
        second.committed(4);
        second.close();
        WalStream back = wal.stream(VOLUME, new Lineage(4, Map.of(1L, 4L, 2L, 4L)), 4, 20, sink);
        back.committed(20);
        return back;
    }

    @Test
    void whatNoSegmentHoldsOutlivesEverythingThatIsCommittedLater() throws IOException {
        Wal wal = open();
        WalStream back = comesBackTo(wal);
        TestLog.write(back, 9, 1);
        back.committed(21);
        writeMuch(wal);

        assertThat(afterKill()).containsExactly("2/5", "2/6");
        assertThat(wal.leftOverBytes(VOLUME)).isEqualTo(2 * (RecordFormat.HEADER_BYTES + 512));
        assertThat(wal.usedBytes()).isLessThanOrEqualTo(TIGHT.budget().bytes());
        wal.close();
    }

    @Test
    void itStaysUntilItIsDiscarded() throws IOException {
        Wal wal = open();
        WalStream back = comesBackTo(wal);
        writeMuch(wal);
        wal.discardLeftOver(VOLUME);
        assertThat(wal.leftOverBytes(VOLUME)).isZero();
        back.close();
        Lineage same = new Lineage(4, Map.of());
        WalStream again = wal.stream(VOLUME, same, 5, 20, sink);
        writeMuch(wal);

        assertThat(afterKill()).isEmpty();
        again.close();
        wal.close();
    }

    @Test
    void itStaysAcrossAStartHoweverLateTheVolumeIsAttached() throws IOException {
        Wal wal = open();
        comesBackTo(wal);
        writeMuch(wal);
        directory = directory.afterKill();
        Wal next = open();
        writeMuch(next);
        WalRecords records = next.records(VOLUME);
        assertThat(recordsOf(records)).containsExactly("2/5", "2/6");
        next.stream(VOLUME, new Lineage(4, Map.of(2L, 4L)), 5, 20, sink).committed(20);
        writeMuch(next);

        assertThat(afterKill()).containsExactly("2/5", "2/6");
        next.close();
    }

    /** The same LSN may be another write by now, which the sink would take for it. */
    @Test
    void whereItIsMovedIsNobodysBusiness() throws IOException {
        Wal wal = open();
        WalStream first = wal.stream(VOLUME, 1, 0, sink);
        TestLog.write(first, 7, 1);
        first.close();
        WalStream back = wal.stream(VOLUME, new Lineage(3, Map.of()), 3, 0, sink);
        TestLog.write(back, 7, 1);
        back.committed(1);
        writeMuch(wal);

        assertThat(afterKill()).containsExactly("1/1");
        assertThat(sink.moves).isZero();
        wal.close();
    }
}
