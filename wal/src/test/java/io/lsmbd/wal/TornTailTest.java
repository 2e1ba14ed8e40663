package io.lsmbd.wal;

import static io.lsmbd.wal.TestLog.VOLUME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is dropped, what is refused, at every byte and bit. */
class TornTailTest {
    private static final String FIRST = LogFiles.name(1);
    private final MemoryDirectory directory = new MemoryDirectory();
    private final TestLog.RecordingSink sink = new TestLog.RecordingSink();

    /** How a tail goes missing. */
    enum Cut {
        ZEROED,
        SHORTER_FILE
    }

    /** Six records, the log's end known, of which so many are synced. Killed. */
    private long appendSix(int synced) throws IOException {
        Wal wal = TestLog.open(directory);
        WalStream stream = wal.stream(VOLUME, 3, 0, sink);
        for (int i = 1; i <= 6; i++) {
            if (i % 3 == 0) {
                stream.trim(i, 1L << 40);
            } else {
                TestLog.write(stream, i, 1 + i % 2);
            }
            if (i == synced) {
                wal.syncNow();
            }
        }
        return wal.appendedPosition();
    }

    private void cut(MemoryDirectory copy, Cut how, int at) {
        byte[] bytes = copy.bytes(FIRST);
        if (how == Cut.SHORTER_FILE) {
            bytes = Arrays.copyOf(bytes, at);
        } else {
            Arrays.fill(bytes, at, bytes.length, (byte) 0);
        }
        copy.overwrite(FIRST, bytes);
    }

    @ParameterizedTest
    @EnumSource
    void aTailCutAtAnyByteOfTheLastThreeRecordsLeavesThePrefix(Cut how) throws IOException {
        int end = (int) appendSix(3);
        int from = offset(3);
        for (int at = from; at <= end; at++) {
            MemoryDirectory copy = directory.afterKill();
            cut(copy, how, at);
            int whole = 3;
            while (whole < 6 && endOffset(whole, end) <= at) {
                whole++;
            }
            // The zero bytes that end an LSN or checksum may be the very ones cut off.
            try (Wal wal = TestLog.open(copy)) {
                WalRecords records = wal.recovery().records(VOLUME);
                assertThat(records.size()).as("cut at %d", at).isEqualTo(whole);
                assertThat(records.problem(0)).isEmpty();
                assertThat(wal.recovery().report().endPosition()).isEqualTo(offset(whole));
            }
        }
    }

    private int offset(int index) {
        return index == sink.appended.size()
                ? offset(index - 1) + RecordFormat.HEADER_BYTES
                : (int) WalLocation.position(sink.appended.get(index).location());
    }

    private int endOffset(int index, int end) {
        return index + 1 < sink.appended.size() ? offset(index + 1) : end;
    }

    @Test
    void aLossOfSyncedBytesIsRefused() throws IOException {
        appendSix(3);
        for (int at = FileFormat.HEADER_BYTES; at < offset(3); at += 64) {
            MemoryDirectory copy = directory.afterKill();
            cut(copy, Cut.ZEROED, at);
            assertRefusedUnchanged(copy, FIRST);
        }
    }

    @Test
    void anyBitFlippedInASyncedRecordIsRefusedWithFileAndOffset() throws IOException {
        appendSix(4);
        for (long bit = 8L * FileFormat.HEADER_BYTES; bit < 8L * offset(4); bit = next(bit)) {
            MemoryDirectory copy = directory.afterKill();
            copy.flipBit(FIRST, bit);
            int index = recordAt((int) (bit >> 3));
            assertThatThrownBy(() -> TestLog.open(copy))
                    .isInstanceOfSatisfying(
                            CorruptDataException.class,
                            it -> {
                                assertThat(it.where()).endsWith(FIRST);
                                assertThat(it.offset()).isEqualTo(offset(index));
                            });
        }
    }

    /** Every bit of headers, some of payloads. */
    private long next(long bit) {
        int at = (int) (bit >> 3);
        return bit + (at - offset(recordAt(at)) < RecordFormat.HEADER_BYTES ? 1 : 13);
    }

    private int recordAt(int at) {
        int index = 0;
        while (index + 1 < sink.appended.size() && offset(index + 1) <= at) {
            index++;
        }
        return index;
    }

    @Test
    void anyBitFlippedInAnUnsyncedRecordEndsTheLogThereAndIsReported() throws IOException {
        int end = (int) appendSix(3);
        for (long bit = 8L * offset(3); bit < 8L * end; bit = next(bit)) {
            MemoryDirectory copy = directory.afterKill();
            copy.flipBit(FIRST, bit);
            int index = recordAt((int) (bit >> 3));
            try (Wal wal = TestLog.open(copy)) {
                assertThat(wal.recovery().records(VOLUME).size()).isEqualTo(index);
                var report = wal.recovery().report();
                boolean isLast = index == 5;
                assertThat(report.possibleLoss())
                        .isEqualTo(
                                isLast
                                        ? WalRecovery.PossibleLoss.NONE
                                        : WalRecovery.PossibleLoss.TORN_WHILE_RUNNING);
                if (!isLast) {
                    assertThat(report.losses().getFirst().droppedRecords()).isEqualTo(5L - index);
                }
            }
        }
    }

    @Test
    void anyBitFlippedInAFileHeaderIsRefused() throws IOException {
        appendSix(3);
        for (long bit = 0; bit < 8L * FileFormat.HEADER_BYTES; bit += bit < 1300 ? 1 : 97) {
            MemoryDirectory copy = directory.afterKill();
            copy.flipBit(FIRST, bit);
            assertRefusedUnchanged(copy, FIRST);
        }
    }

    @Test
    void withoutTheSyncedFileLaterRecordsTellWhatWasSynced() throws IOException {
        appendSix(3);
        MemoryDirectory copy = directory.afterKill();
        copy.overwrite(LogFiles.SYNCED_NAME, new byte[0]);
        copy.flipBit(FIRST, 8L * offset(1) + 100);
        assertRefusedUnchanged(copy, FIRST);
    }

    private static void assertRefusedUnchanged(MemoryDirectory copy, String file) {
        var names = copy.list();
        byte[] before = copy.bytes(file);
        assertThatThrownBy(() -> TestLog.open(copy)).isInstanceOf(CorruptDataException.class);
        assertThat(copy.list()).isEqualTo(names);
        assertThat(copy.bytes(file)).isEqualTo(before);
    }

    @Test
    void whatWasDroppedNeverComesBack() throws IOException {
        appendSix(3);
        MemoryDirectory copy = directory.afterKill();
        byte[] intact = copy.bytes(FIRST);
        copy.flipBit(FIRST, 8L * offset(4));
        TestLog.open(copy);
        // The damage heals, as a bad cable's may: the fourth record's successors stay dropped.
        copy.overwrite(FIRST, intact);
        try (Wal wal = TestLog.open(copy.afterKill())) {
            assertThat(wal.recovery().records(VOLUME).size()).isEqualTo(4);
        }
    }

    @Test
    void recoveringTwiceFindsTheSame() throws IOException {
        appendSix(3);
        MemoryDirectory copy = directory.afterKill();
        for (int i = 0; i < 5; i++) {
            Wal wal = TestLog.open(copy);
            assertThat(wal.recovery().records(VOLUME).size()).isEqualTo(6);
            copy = copy.afterKill();
        }
    }

    @Test
    void recoveryKilledAtAnyStepIsRepeatedWithTheSameOutcome() throws IOException {
        appendSix(3);
        for (int steps = 0; ; steps++) {
            MemoryDirectory copy = directory.afterKill();
            cut(copy, Cut.ZEROED, offset(4) + 10);
            copy.killAfter(steps);
            boolean killed = !opens(copy);
            MemoryDirectory next = copy.afterKill();
            Wal wal = TestLog.open(next);
            assertThat(wal.recovery().records(VOLUME).size()).isEqualTo(4);
            if (!killed) {
                assertThat(steps).isGreaterThan(3);
                return;
            }
        }
    }

    private static boolean opens(MemoryDirectory copy) throws StorageException {
        try {
            TestLog.open(copy);
            return true;
        } catch (MemoryDirectory.Killed _) {
            return false;
        }
    }

    @Test
    void aCleanCloseIsNoLossAfterAnotherBootAndAKillIs() throws IOException {
        appendSix(6);
        MemoryDirectory killed = directory.afterKill();
        assertThat(lossAfterBoot(killed.afterKill()))
                .isEqualTo(WalRecovery.PossibleLoss.UNCLEAN_HOST_BOOT);
        TestLog.open(killed).close();
        assertThat(lossAfterBoot(killed.afterKill())).isEqualTo(WalRecovery.PossibleLoss.NONE);
        // The mark of that close says nothing about later lives.
        TestLog.open(killed);
        assertThat(lossAfterBoot(killed.afterKill()))
                .isEqualTo(WalRecovery.PossibleLoss.UNCLEAN_HOST_BOOT);
    }

    private static WalRecovery.PossibleLoss lossAfterBoot(MemoryDirectory copy)
            throws StorageException {
        var env = new TestEnvironment("another boot", 5);
        try (Wal wal = TestLog.open(env, copy, WalDigests.none())) {
            return wal.recovery().report().possibleLoss();
        }
    }

    @Test
    void unsyncedRecordsAreCountedPerVolume() throws IOException {
        appendSix(3);
        var env = new TestEnvironment("another boot", 5);
        try (Wal wal = TestLog.open(env, directory.afterKill(), WalDigests.none())) {
            assertThat(wal.recovery().report().losses())
                    .containsExactly(new WalRecovery.VolumeLoss(VOLUME, 3, 0));
        }
    }

    @Test
    void recordsCopiedIntoAPayloadAreNotRecords() throws IOException {
        Wal wal = TestLog.open(directory);
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        TestLog.write(stream, 0, 1);
        int end = (int) wal.appendedPosition();
        byte[] log = directory.bytes(FIRST);
        byte[] copied = new byte[7 * 512];
        System.arraycopy(log, FileFormat.HEADER_BYTES, copied, 448, 576);
        stream.write(9, new ByteBuffer[] {ByteBuffer.wrap(copied)}, 1);
        MemoryDirectory copy = directory.afterKill();
        copy.flipBit(FIRST, 8L * end);
        try (Wal reopened = TestLog.open(copy)) {
            assertThat(reopened.recovery().records(VOLUME).size()).isEqualTo(1);
            assertThat(reopened.recovery().report().losses())
                    .allMatch(it -> it.droppedRecords() == 0);
        }
    }
}
