package io.lsmbd.wal;

import static io.lsmbd.wal.TestLog.OTHER;
import static io.lsmbd.wal.TestLog.VOLUME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.Task;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.wal.MemoryDirectory.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A request of several records counts as a whole or not at all, and nothing comes between. */
class RequestTest {
    private static final int RECORD = 128;
    private final MemoryDirectory directory = new MemoryDirectory();
    private final TestLog.RecordingSink sink = new TestLog.RecordingSink();

    @Test
    void aRequestCutOffAnywhereIsDroppedWhole() throws IOException {
        Wal wal = TestLog.open(directory);
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        TestLog.write(stream, 0, 1);
        long before = wal.appendedPosition();
        var zeroes = new UnalignedZeroes(9, 1L << 30, TestLog.payload(2, 1), TestLog.payload(3, 1));
        assertThat(stream.writeZeroesIf(() -> true, zeroes)).isTrue();
        int end = (int) wal.appendedPosition();
        assertThat(sink.requests).containsExactly(3);
        for (int at = (int) before; at <= end; at += 16) {
            MemoryDirectory copy = directory.afterKill();
            byte[] bytes = copy.bytes(LogFiles.name(1));
            Arrays.fill(bytes, at, bytes.length, (byte) 0);
            copy.overwrite(LogFiles.name(1), bytes);
            try (Wal reopened = TestLog.open(copy)) {
                WalRecords records = reopened.recovery().records(VOLUME);
                assertThat(records.size()).as("cut at %d of %d", at, end).isIn(1, 4);
                assertThat(records.size() == 4).isEqualTo(at >= lastByte(end));
                assertThat(records.problem(0)).isEmpty();
            }
        }
    }

    /** Bytes of the payload that are zero anyway may go. */
    private int lastByte(int end) {
        byte[] bytes = directory.bytes(LogFiles.name(1));
        int last = end;
        while (bytes[last - 1] == 0) {
            last--;
        }
        return last;
    }

    @Test
    void theNextEpochUsesTheNumbersOfADroppedRequestAgain() throws IOException {
        Wal wal = TestLog.open(directory);
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        TestLog.write(stream, 0, 1);
        // Two files take a first part, and there is no third one.
        directory.failWhen((operation, name) -> operation == Operation.CREATE);
        cutOff(wal, stream, 5 * RECORD);
        wal.close();
        MemoryDirectory second = directory.afterKill();
        try (Wal reopened = TestLog.open(second)) {
            assertThat(reopened.recovery().records(VOLUME).size()).isEqualTo(1);
            WalStream next = reopened.stream(VOLUME, 2, 1, new TestLog.RecordingSink());
            assertThat(TestLog.write(next, 7, 2)).isEqualTo(2);
            reopened.syncNow();
        }
        try (Wal third = TestLog.open(second.afterKill())) {
            WalRecords records = third.recovery().records(VOLUME);
            assertThat(records.size()).isEqualTo(2);
            assertThat(records.epoch(1)).isEqualTo(2);
            assertThat(records.lba(1)).isEqualTo(7);
            assertThat(records.problem(0)).isEmpty();
        }
    }

    /** Begins a write for the end of which there is no room, and closes its stream. */
    private void cutOff(Wal wal, WalStream stream, int sectors) throws StorageException {
        TestEnvironment env = TestLog.environment();
        List<StorageException> failures = new ArrayList<>();
        Task writer =
                env.spawn(
                        "large",
                        () -> {
                            try {
                                TestLog.write(stream, 1000, sectors);
                            } catch (StorageException e) {
                                failures.add(e);
                            }
                        });
        sink.awaitAppended(2);
        stream.close();
        writer.join();
        assertThat(failures).singleElement().isInstanceOf(VolumeClosedException.class);
        assertThat(wal.records(VOLUME).size()).isEqualTo(1);
    }

    @Test
    void aRequestCutOffBeforeItsLastPartGivesItsReservationBack() throws StorageException {
        WalConfig fourFiles = TestLog.config(512 << 10);
        Wal wal = TestLog.open(TestLog.environment(), directory, fourFiles, WalDigests.none());
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        List<StorageException> failures = new ArrayList<>();
        Task writer =
                TestLog.environment()
                        .spawn(
                                "large",
                                () -> {
                                    try {
                                        TestLog.write(stream, 0, 2 * RECORD);
                                    } catch (StorageException e) {
                                        failures.add(e);
                                    }
                                });
        // The second record is the last, and there is no file for it.
        sink.awaitAppended(1);
        stream.close();
        writer.join();
        assertThat(failures).singleElement().isInstanceOf(VolumeClosedException.class);
        assertThat(sink.brokenOff).isEqualTo(1);
        assertThat(stream.lastLsn()).isZero();

        WalStream other = wal.stream(OTHER, 1, 0, new TestLog.RecordingSink());
        do {
            wal.recycleOnce();
        } while (other.tryWrite(new Writes(1, RECORD)));
        assertThat(wal.files()).hasSize(4);
        wal.close();
    }

    @Test
    void nothingOfTheVolumeComesBetweenTheRecordsOfARequest()
            throws InterruptedException, StorageException {
        Wal wal = TestLog.open(directory);
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        WalStream other = wal.stream(OTHER, 1, 0, new TestLog.RecordingSink());
        TestEnvironment env = TestLog.environment();
        Task large = spawn(env, () -> TestLog.write(stream, 0, 5 * RECORD));
        // It waits for the next file: only the recycler, which does not run, makes one.
        sink.awaitAppended(1);
        assertThat(stream.acceptsWithoutWaiting(0)).isFalse();
        assertThat(stream.tryWrite(new Writes(1, 1))).isFalse();
        assertThat(stream.tryTrim(0, 1)).isFalse();
        assertThat(stream.tryWriteZeroes(0, 1)).isFalse();
        CountDownLatch begun = new CountDownLatch(1);
        Task small =
                spawn(
                        env,
                        () -> {
                            begun.countDown();
                            stream.trim(0, 8);
                        });
        begun.await();
        assertThat(other.trim(0, 8)).isEqualTo(1);
        for (int records = 1; records <= 6; records++) {
            wal.recycleOnce();
            sink.awaitAppended(records);
        }
        large.join();
        small.join();
        env.checkNoTaskDied();
        assertThat(sink.requests).containsExactly(5);
        assertThat(sink.appended).hasSize(6);
        assertThat(sink.last().kind()).isEqualTo(WalKind.TRIM);
        assertThat(stream.tryWrite(new Writes(1, 1))).isTrue();
        assertThat(stream.tryTrim(0, 1)).isTrue();
        assertThat(stream.tryWriteZeroes(0, 1)).isTrue();
        wal.close();
    }

    private interface Body {
        void run() throws StorageException;
    }

    private static Task spawn(TestEnvironment env, Body body) {
        return env.spawn(
                "request",
                () -> {
                    try {
                        body.run();
                    } catch (StorageException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    @Test
    void aRequestLargerThanTheLogItselfIsTakenAllTheSame() throws IOException {
        WalConfig tight = TestLog.config(1 << 20);
        Wal wal = TestLog.open(TestLog.environment(), directory, tight, WalDigests.none());
        wal.start();
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        int sectors = (3 << 20) / 512;
        assertThat(TestLog.write(stream, 0, sectors)).isEqualTo(48);
        wal.close();
        try (Wal reopened =
                TestLog.open(
                        TestLog.environment(), directory.afterKill(), tight, WalDigests.none())) {
            assertThat(reopened.recovery().records(VOLUME).size()).isEqualTo(48);
        }
    }

    /** Writes of so many sectors each, one behind the other. */
    private static final class Writes implements WalWrites {
        private final ByteBuffer[] buffers;
        private final int sectors;

        Writes(int count, int sectors) {
            this.sectors = sectors;
            buffers = new ByteBuffer[count];
            for (int i = 0; i < count; i++) {
                buffers[i] = TestLog.payload(i + 1L, sectors);
            }
        }

        @Override
        public int size() {
            return buffers.length;
        }

        @Override
        public long lba(int index) {
            return (long) index * sectors;
        }

        @Override
        public ByteBuffer[] buffers() {
            return buffers;
        }

        @Override
        public int firstBuffer(int index) {
            return index;
        }

        @Override
        public int bufferCount(int index) {
            return 1;
        }
    }

    @Test
    void severalWritesAreOneOperationAndRequestsOfTheirOwn() throws IOException {
        Wal wal = TestLog.open(directory);
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        long before = directory.operations();
        assertThat(stream.tryWrite(new Writes(WalWrites.MAX_WRITES, 3))).isTrue();
        assertThat(directory.operations()).isEqualTo(before + 1);
        assertThat(stream.lastLsn()).isEqualTo(WalWrites.MAX_WRITES);
        assertThat(sink.requests).isEmpty();
        try (Wal reopened = TestLog.open(directory.afterKill())) {
            WalRecords records = reopened.recovery().records(VOLUME);
            assertThat(records.size()).isEqualTo(WalWrites.MAX_WRITES);
            for (int i = 0; i < records.size(); i++) {
                assertThat(records.lba(i)).isEqualTo(3L * i);
                assertThat(records.continues(i)).isFalse();
                assertThat(TestLog.read(reopened, records.location(i)))
                        .isEqualTo(TestLog.payload(i + 1L, 3).array());
            }
        }
    }

    @Test
    void writesThatDoNotFitOnePieceAreLeftAsTheyAre() throws IOException {
        Wal wal = TestLog.open(directory);
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        Writes tooMuch = new Writes(2, 100);
        // A file of 128 KiB has room for one.
        assertThat(stream.tryWrite(new Writes(1, 100))).isTrue();
        directory.failWhen((operation, name) -> operation == Operation.CREATE);
        assertThat(stream.tryWrite(tooMuch)).isFalse();
        assertThat(tooMuch.buffers()).allMatch(it -> it.remaining() == 100 * 512);
        assertThat(sink.appended).hasSize(1);
    }

    @Test
    void aConditionThatDoesNotHoldLeavesTheBuffersAsTheyAre() throws IOException {
        Wal wal = TestLog.open(directory);
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        ByteBuffer[] payload = {TestLog.payload(1, 300), TestLog.payload(2, 5)};
        assertThat(stream.writeIf(() -> false, 0, payload, 2)).isFalse();
        assertThat(payload[0].remaining()).isEqualTo(300 * 512);
        assertThat(payload[1].remaining()).isEqualTo(5 * 512);
        assertThat(stream.lastLsn()).isZero();
        // The refused request holds nobody up.
        assertThat(stream.acceptsWithoutWaiting(0)).isTrue();
        wal.start();
        assertThat(stream.writeIf(() -> true, 0, payload, 2)).isTrue();
        assertThat(payload).noneMatch(ByteBuffer::hasRemaining);
        assertThat(sink.requests).containsExactly(3);
        wal.close();
    }

    @Test
    void aWriteThatBreaksOffEndsItsStream() throws IOException {
        Wal wal = TestLog.open(directory);
        wal.start();
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        // The second buffer is not what it seemed to be when the request began.
        ByteBuffer[] payload = {TestLog.payload(1, 200), TestLog.payload(2, 200)};
        sink.atRecord(2, () -> payload[1].limit(0));
        assertThatThrownBy(() -> stream.write(0, payload, 2)).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> stream.trim(0, 1)).isInstanceOf(VolumeClosedException.class);
        stream.close();
        assertThat(wal.records(VOLUME).size()).isZero();
        wal.close();
    }
}
