package io.lsmbd.wal;

import static io.lsmbd.wal.TestLog.OTHER;
import static io.lsmbd.wal.TestLog.VOLUME;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.env.SystemLogDirectory;
import io.lsmbd.error.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalTest {
    private final TestLog.RecordingSink sink = new TestLog.RecordingSink();

    @Test
    void appendsAreReadBackBeforeAndAfterARestart(@TempDir Path folder) throws IOException {
        var directory = SystemLogDirectory.open(folder);
        try (Wal wal = TestLog.open(directory)) {
            wal.start();
            WalStream stream = wal.stream(VOLUME, 1, 0, sink);
            assertThat(TestLog.write(stream, 100, 8)).isEqualTo(1);
            assertThat(stream.trim(0, 1L << 35)).isEqualTo(2);
            assertThat(stream.writeZeroes(5, 3)).isEqualTo(3);
            assertThat(TestLog.write(stream, 9, 1)).isEqualTo(4);
            wal.syncNow();
            assertThat(wal.syncedPosition()).isEqualTo(wal.appendedPosition());
            checkAll(wal);
        }
        try (Wal wal = TestLog.open(directory)) {
            WalRecords records = wal.recovery().records(VOLUME);
            assertThat(records.size()).isEqualTo(4);
            for (int i = 0; i < 4; i++) {
                var expected = sink.appended.get(i);
                assertThat(records.lsn(i)).isEqualTo(expected.lsn());
                assertThat(records.epoch(i)).isEqualTo(1);
                assertThat(records.kind(i)).isEqualTo(expected.kind());
                assertThat(records.lba(i)).isEqualTo(expected.lba());
                assertThat(records.sectors(i)).isEqualTo(expected.sectors());
                assertThat(records.location(i)).isEqualTo(expected.location());
            }
            assertThat(records.problem(0)).isEmpty();
            checkAll(wal);
        }
    }

    private void checkAll(Wal wal) throws StorageException {
        for (var it : sink.appended) {
            if (it.kind() == WalKind.WRITE) {
                assertThat(TestLog.read(wal, it.location()))
                        .isEqualTo(TestLog.payload(it.lsn(), (int) it.sectors()).array());
            }
        }
    }

    @Test
    void aLargeWriteOfManyBuffersBecomesRecordsOf64KiB() throws IOException {
        int sectors = 2 * 1024 + 3 * 128 + 5;
        byte[] expected = TestLog.payload(1, sectors).array();
        ByteBuffer[] pieces = pieces(expected);
        try (Wal wal = TestLog.open(new MemoryDirectory())) {
            wal.start();
            WalStream stream = wal.stream(VOLUME, 1, 41, sink);
            assertThat(stream.write(7, pieces, pieces.length)).isEqualTo(41 + 20);
            assertThat(pieces).noneMatch(ByteBuffer::hasRemaining);
            long lba = 7;
            for (var it : sink.appended) {
                assertThat(it.lba()).isEqualTo(lba);
                assertThat(TestLog.read(wal, it.location()))
                        .isEqualTo(
                                java.util.Arrays.copyOfRange(
                                        expected,
                                        (int) (lba - 7) * 512,
                                        (int) (lba - 7 + it.sectors()) * 512));
                lba += it.sectors();
            }
            assertThat(lba).isEqualTo(7 + sectors);
        }
    }

    /** Odd lengths, direct and heap, some empty. */
    private static ByteBuffer[] pieces(byte[] bytes) {
        var pieces = new java.util.ArrayList<ByteBuffer>();
        for (int at = 0, i = 0; at < bytes.length; i++) {
            int length = Math.min(bytes.length - at, i % 7 * 12_345 % 190_000);
            ByteBuffer piece =
                    i % 2 == 0 ? ByteBuffer.allocate(length) : ByteBuffer.allocateDirect(length);
            pieces.add(piece.put(bytes, at, length).flip());
            at += length;
        }
        return pieces.toArray(ByteBuffer[]::new);
    }

    @Test
    void anySectorsOfARecordAreRead() throws IOException {
        try (Wal wal = TestLog.open(new MemoryDirectory())) {
            WalStream stream = wal.stream(VOLUME, 1, 0, sink);
            TestLog.write(stream, 0, 100);
            long location = WalLocation.advance(sink.last().location(), 30);
            ByteBuffer into = ByteBuffer.allocate(70 * 512);
            assertThat(wal.read(location, 70, into)).isTrue();
            assertThat(into.flip()).isEqualTo(TestLog.payload(1, 100).position(30 * 512));
            ByteBuffer whole = ByteBuffer.allocateDirect(100 * 512);
            assertThat(wal.readPayload(sink.last().location(), whole)).isTrue();
            assertThat(whole.flip()).isEqualTo(TestLog.payload(1, 100));
        }
    }

    @Test
    void volumesShareTheLogAndKeepTheirOwnOrder() throws IOException {
        var directory = new MemoryDirectory();
        try (Wal wal = TestLog.open(directory)) {
            wal.start();
            WalStream one = wal.stream(VOLUME, 1, 0, sink);
            WalStream two = wal.stream(OTHER, 9, 1000, new TestLog.RecordingSink());
            for (int i = 0; i < 50; i++) {
                TestLog.write(one, i, 8);
                TestLog.write(two, i, 3);
            }
        }
        try (Wal wal = TestLog.open(directory.afterKill())) {
            assertThat(wal.recovery().volumes()).containsExactlyInAnyOrder(VOLUME, OTHER);
            assertThat(wal.recovery().records(VOLUME).lsn(49)).isEqualTo(50);
            assertThat(wal.recovery().records(OTHER).lsn(0)).isEqualTo(1001);
            assertThat(wal.recovery().records(OTHER).problem(1000)).isEmpty();
            assertThat(wal.recovery().records(OTHER).problem(999)).isPresent();
        }
    }
}
