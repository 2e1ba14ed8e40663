package io.lsmbd.wal;

import static io.lsmbd.wal.TestLog.OTHER;
import static io.lsmbd.wal.TestLog.VOLUME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.format.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Several files: their order, recycling, digests. No tasks run: each pass is called. */
class LogFilesTest {
    private MemoryDirectory directory = new MemoryDirectory();
    private final MemoryDigests digests = new MemoryDigests();
    private final TestLog.RecordingSink sink = new TestLog.RecordingSink();

    private Wal open() throws IOException {
        return TestLog.open(new TestEnvironment("boot-1", 99), directory, digests);
    }

    /** Appends 32 KiB records until so many files are full and synced. */
    private WalStream fill(Wal wal, WalStream stream, int files) throws IOException {
        long until = wal.files().getLast().sequence() + files;
        while (wal.files().getLast().sequence() < until) {
            if (!wal.acceptsWithoutWaiting(32 << 10)) {
                wal.recycleOnce();
            }
            TestLog.write(stream, stream.lastLsn() * 64, 64);
        }
        wal.syncNow();
        return stream;
    }

    private List<String> logNames() {
        return directory.list().stream().filter(it -> it.matches("[0-9]{20}\\.wal")).toList();
    }

    @Test
    void allFilesAreRecoveredInOrder() throws IOException {
        Wal wal = open();
        WalStream stream = fill(wal, wal.stream(VOLUME, 1, 0, sink), 4);
        long last = stream.lastLsn();
        directory = directory.afterKill();
        try (Wal reopened = open()) {
            WalRecords records = reopened.recovery().records(VOLUME);
            assertThat(records.size()).isEqualTo(last);
            assertThat(records.problem(0)).isEmpty();
            assertThat(reopened.recovery().report().files()).isEqualTo(5);
            for (int i = 0; i < last; i++) {
                assertThat(TestLog.read(reopened, records.location(i)))
                        .isEqualTo(TestLog.payload(i + 1, 64).array());
            }
        }
    }

    @Test
    void anyMissingFileButTheOldestIsRefused() throws IOException {
        Wal wal = open();
        fill(wal, wal.stream(VOLUME, 1, 0, sink), 4);
        List<String> inUse = wal.files().stream().map(WalFileInfo::name).toList();
        for (String name : inUse.subList(1, inUse.size())) {
            MemoryDirectory copy = directory.afterKill();
            copy.delete(name);
            assertThatThrownBy(() -> TestLog.open(copy))
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessageContaining("missing");
        }
        directory = directory.afterKill();
        directory.delete(inUse.getFirst());
        try (Wal reopened = open()) {
            // The log cannot tell; the volume can, from what its segments hold.
            assertThat(reopened.recovery().records(VOLUME).problem(0)).isPresent();
        }
    }

    @Test
    void theNewestFileMissingIsRefused() throws IOException {
        Wal wal = open();
        fill(wal, wal.stream(VOLUME, 1, 0, sink), 2);
        MemoryDirectory copy = directory.afterKill();
        for (String name : logNames()) {
            if (name.compareTo(wal.files().getLast().name()) >= 0) {
                copy.delete(name);
            }
        }
        assertThatThrownBy(() -> TestLog.open(copy))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("goes on in a next file");
    }

    @Test
    void aLogWithoutAnyFileWhereOneWasIsRefused() throws IOException {
        Wal wal = open();
        fill(wal, wal.stream(VOLUME, 1, 0, sink), 1);
        MemoryDirectory copy = directory.afterKill();
        for (String name : logNames()) {
            copy.delete(name);
        }
        assertThatThrownBy(() -> TestLog.open(copy))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("all log files are missing");
    }

    @Test
    void committedFilesAreRecycledAndTheirRecordsNeverReplay() throws IOException {
        Wal wal = open();
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        Set<String> names = new TreeSet<>();
        for (int round = 0; round < 10; round++) {
            fill(wal, stream, 1);
            stream.committed(stream.lastLsn());
            wal.recycleOnce();
            assertThat(wal.files()).hasSize(1);
            names.addAll(directory.list());
            assertThat(directory.list()).hasSizeLessThanOrEqualTo(1 + 2 + 2 + 1);
        }
        assertThat(names).anyMatch(it -> it.startsWith("spare-"));
        long committed = stream.lastLsn();
        TestLog.write(stream, 0, 1);
        directory = directory.afterKill();
        try (Wal reopened = open()) {
            WalRecords records = reopened.recovery().records(VOLUME);
            assertThat(records.problem(committed)).isEmpty();
            assertThat(records.size()).isLessThan(6);
            assertThat(records.lsn(records.size() - 1)).isEqualTo(committed + 1);
        }
    }

    @Test
    void aReaderOfARecycledRecordIsToldSo() throws IOException {
        Wal wal = open();
        WalStream stream = fill(wal, wal.stream(VOLUME, 1, 0, sink), 2);
        long location = sink.appended.getFirst().location();
        ByteBuffer into = ByteBuffer.allocate(64 * 512);
        assertThat(wal.read(location, 64, into)).isTrue();
        stream.committed(stream.lastLsn());
        wal.recycleOnce();
        into.clear();
        assertThat(wal.read(location, 64, into)).isFalse();
        assertThat(wal.readPayload(location, into)).isFalse();
        assertThat(into.position()).isZero();
    }

    @Test
    void aFlippedBitIsNeverReturnedAsData() throws IOException {
        Wal wal = open();
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        TestLog.write(stream, 0, 3);
        long location = sink.last().location();
        ByteBuffer into = ByteBuffer.allocate(3 * 512);
        for (long bit = 0; bit < 8L * (64 + 3 * 512); bit++) {
            directory.flipBit(LogFiles.name(1), 8L * FileFormat.HEADER_BYTES + bit);
            assertThatThrownBy(() -> wal.read(location + 1, 1, into))
                    .isInstanceOf(CorruptDataException.class);
            assertThatThrownBy(() -> wal.readPayload(location, into))
                    .isInstanceOfSatisfying(
                            CorruptDataException.class,
                            it -> assertThat(it.offset()).isEqualTo(FileFormat.HEADER_BYTES));
            directory.flipBit(LogFiles.name(1), 8L * FileFormat.HEADER_BYTES + bit);
        }
        assertThat(into.position()).isZero();
        assertThat(wal.read(location + 1, 1, into)).isTrue();
    }

    @Test
    void digestsSaveReadingFullFilesAndAreDeletedWithThem() throws IOException {
        Wal wal = open();
        WalStream stream = fill(wal, wal.stream(VOLUME, 1, 0, sink), 3);
        stream.trim(77, 1 << 30);
        wal.recycleOnce();
        assertThat(digests.digests).hasSize(3);
        directory = directory.afterKill();
        // Payload damage in a digested file is left to readers; its headers are not looked at.
        long bit = 8L * (FileFormat.HEADER_BYTES + 1000);
        directory.flipBit(LogFiles.name(2), bit);
        Wal reopened = open();
        assertThat(reopened.recovery().report().filesByDigest()).isEqualTo(3);
        WalRecords records = reopened.recovery().records(VOLUME);
        assertThat(records.size()).isEqualTo(stream.lastLsn());
        for (int i = 0; i < records.size(); i++) {
            assertThat(records.location(i)).isEqualTo(sink.appended.get(i).location());
            assertThat(records.kind(i)).isEqualTo(sink.appended.get(i).kind());
            assertThat(records.sectors(i)).isEqualTo(sink.appended.get(i).sectors());
        }
        reopened.stream(VOLUME, 2, stream.lastLsn(), sink).committed(stream.lastLsn());
        reopened.recycleOnce();
        assertThat(digests.digests).isEmpty();
    }

    @Test
    void aDoubtfulDigestIsNotUsed() throws IOException {
        Wal wal = open();
        WalStream stream = fill(wal, wal.stream(VOLUME, 1, 0, sink), 2);
        wal.recycleOnce();
        var uuids = List.copyOf(digests.digests.keySet());
        byte[] first = digests.load(uuids.get(0)).orElseThrow();
        byte[] second = digests.load(uuids.get(1)).orElseThrow();
        directory = directory.afterKill();
        for (int at = 0; at < first.length; at++) {
            first[at] ^= 4;
            digests.store(uuids.get(0), first);
            digests.store(uuids.get(1), first);
            Wal reopened = open();
            assertThat(reopened.recovery().report().filesByDigest()).isZero();
            assertThat(reopened.recovery().records(VOLUME).size()).isEqualTo(stream.lastLsn());
            first[at] ^= 4;
            directory = directory.afterKill();
        }
        digests.store(uuids.get(0), second);
        digests.store(uuids.get(1), first);
        assertThat(open().recovery().report().filesByDigest()).isZero();
    }

    @Test
    void anAttachedVolumesRecordsAreFoundAgainAfterItDetached() throws IOException {
        Wal wal = open();
        WalStream stream = fill(wal, wal.stream(VOLUME, 1, 0, sink), 2);
        WalStream other = wal.stream(OTHER, 1, 0, new TestLog.RecordingSink());
        TestLog.write(other, 1, 1);
        stream.close();
        WalRecords records = wal.records(VOLUME);
        assertThat(records.size()).isEqualTo(stream.lastLsn());
        assertThat(records.problem(0)).isEmpty();
        assertThatThrownBy(() -> wal.records(OTHER)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aDiscardedVolumePinsNothing() throws IOException {
        Wal wal = open();
        fill(wal, wal.stream(VOLUME, 1, 0, sink), 3).close();
        wal.recycleOnce();
        assertThat(wal.files()).hasSize(4);
        assertThat(wal.files().getFirst().pinnedBy()).containsExactly(VOLUME);
        wal.discard(VOLUME);
        wal.recycleOnce();
        assertThat(wal.files()).hasSize(1);
    }

    @Test
    void aNewerVersionIsRefusedByName() throws IOException {
        open().close();
        byte[] bytes = directory.bytes(LogFiles.name(1));
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort(4, (short) (FileFormat.VERSION + 1));
        header.putInt(4092, Crc32c.of(header, 0, 4092));
        directory.overwrite(LogFiles.name(1), bytes);
        assertThatThrownBy(this::open)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("newer lsmbd");
    }
}
