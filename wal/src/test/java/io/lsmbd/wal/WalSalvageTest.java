package io.lsmbd.wal;

import static io.lsmbd.wal.TestLog.OTHER;
import static io.lsmbd.wal.TestLog.VOLUME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.LogFile;
import io.lsmbd.env.SystemLogDirectory;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is damaged, all else is read, and what is not is named. */
class WalSalvageTest {
    private static final int RECORDS = 40;
    private static final int SECTORS = 32;
    private static final int RECORD_BYTES = 64 + SECTORS * 512;
    @TempDir Path folder;
    private final TestEnvironment env = TestLog.environment();
    private final TestLog.RecordingSink sink = new TestLog.RecordingSink();

    // It is killed, so it stays open: closing it would be a clean end.
    private Wal killed;

    /** Files of seven records, of which every fourth is another volume's; all but two synced. */
    @BeforeEach
    void fill() throws IOException {
        killed = TestLog.open(env, SystemLogDirectory.open(folder), WalDigests.none());
        WalStream stream = killed.stream(VOLUME, 3, 0, sink);
        WalStream other = killed.stream(OTHER, 4, 0, new TestLog.RecordingSink());
        for (int i = 1; i <= RECORDS; i++) {
            if (!killed.acceptsWithoutWaiting(32 << 10)) {
                killed.recycleOnce();
            }
            TestLog.write(stream, i * 64L, SECTORS);
            if (i % 3 == 0) {
                TestLog.write(other, i, SECTORS);
            }
            if (i == RECORDS - 2) {
                killed.syncNow();
            }
        }
        killed.recycleOnce(); // prepares the next file
    }

    @AfterEach
    void close() throws StorageException {
        killed.close();
    }

    private WalSalvage salvage() throws IOException {
        return WalSalvage.open(
                TestLog.environment(), SystemLogDirectory.openReadOnly(folder), VOLUME);
    }

    private WalFileInfo fileOf(int index) {
        long position = WalLocation.position(sink.appended.get(index).location());
        return killed.files().stream()
                .filter(it -> it.firstPosition() <= position)
                .reduce((_, last) -> last)
                .orElseThrow();
    }

    private long offsetOf(int index) {
        return WalLocation.position(sink.appended.get(index).location())
                - fileOf(index).firstPosition();
    }

    private Path path(WalFileInfo file) {
        return folder.resolve(file.name());
    }

    private void flip(Path file, long at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) at] ^= 8;
        Files.write(file, bytes);
    }

    /** LSNs of records in none of these files. */
    private List<Long> lsnsOutside(WalFileInfo... files) {
        List<Long> lsns = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            if (!Arrays.asList(files).contains(fileOf(i))) {
                lsns.add(sink.appended.get(i).lsn());
            }
        }
        return lsns;
    }

    private static List<Long> allLsnsBut(long lsn) {
        return LongStream.rangeClosed(1, RECORDS).filter(it -> it != lsn).boxed().toList();
    }

    /** Reads the payload of each, too. */
    private List<Long> lsns(WalSalvage salvage) throws StorageException {
        WalRecords records = salvage.records();
        List<Long> lsns = new ArrayList<>();
        ByteBuffer payload = ByteBuffer.allocate(SECTORS * 512);
        for (int i = 0; i < records.size(); i++) {
            salvage.readPayload(records.location(i), payload.clear());
            assertThat(payload.flip()).isEqualTo(TestLog.payload(records.lsn(i), SECTORS));
            lsns.add(records.lsn(i));
        }
        return lsns;
    }

    private Unreadable onlyPlace(WalSalvage salvage) {
        assertThat(salvage.unreadable()).hasSize(1);
        return salvage.unreadable().getFirst();
    }

    @Test
    void aSoundLogIsReadAsRecoveryReadsIt() throws IOException {
        try (WalSalvage salvage = salvage();
                WalInspection inspection =
                        WalInspection.open(
                                TestLog.environment(),
                                SystemLogDirectory.openReadOnly(folder),
                                Set.of(VOLUME))) {
            assertThat(salvage.unreadable()).isEmpty();
            assertThat(lsns(salvage)).isEqualTo(allLsnsBut(0));
            assertThat(salvage.records().size()).isEqualTo(inspection.records(VOLUME).size());
        }
        assertThat(killed.files()).hasSizeGreaterThan(4);
    }

    @Test
    void aDamagedPayloadCostsItsRecordWhichIsNamed() throws IOException {
        flip(path(fileOf(10)), offsetOf(10) + 1000);
        try (WalSalvage salvage = salvage()) {
            Unreadable place = onlyPlace(salvage);
            assertThat(place.file()).isEqualTo(path(fileOf(10)).toString());
            assertThat(place.offset()).isEqualTo(offsetOf(10));
            assertThat(place.lengthBytes()).isEqualTo(RECORD_BYTES);
            assertThat(place.problem()).isEqualTo("wrong checksum of the record's payload");
            WalRecordInfo record = place.record().orElseThrow();
            assertThat(record.volume()).isEqualTo(VOLUME);
            assertThat(record.epoch()).isEqualTo(3);
            assertThat(record.lsn()).isEqualTo(11);
            assertThat(record.lba()).isEqualTo(11 * 64);
            assertThat(record.sectors()).isEqualTo(SECTORS);
            assertThat(lsns(salvage)).isEqualTo(allLsnsBut(11));
        }
    }

    @Test
    void aDamagedHeaderCostsItsRecord() throws IOException {
        flip(path(fileOf(10)), offsetOf(10) + 30);
        try (WalSalvage salvage = salvage()) {
            Unreadable place = onlyPlace(salvage);
            assertThat(place.offset()).isEqualTo(offsetOf(10));
            assertThat(place.lengthBytes()).isEqualTo(RECORD_BYTES);
            assertThat(place.record()).isEmpty();
            assertThat(lsns(salvage)).isEqualTo(allLsnsBut(11));
        }
    }

    @Test
    void aMissingFileCostsItsRecords() throws IOException {
        WalFileInfo gone = killed.files().get(1);
        Files.delete(path(gone));
        try (WalSalvage salvage = salvage()) {
            assertThat(onlyPlace(salvage).file()).isEqualTo(path(gone).toString());
            assertThat(onlyPlace(salvage).problem()).contains("the file is missing");
            assertThat(lsns(salvage)).isEqualTo(lsnsOutside(gone));
        }
    }

    @Test
    void aFileWithoutAHeaderCostsItsRecords() throws IOException {
        WalFileInfo headless = killed.files().get(2);
        flip(path(headless), 20);
        try (WalSalvage salvage = salvage()) {
            Unreadable place = onlyPlace(salvage);
            assertThat(place.file()).isEqualTo(path(headless).toString());
            assertThat(place.offset()).isZero();
            assertThat(place.lengthBytes()).isEqualTo(128 << 10);
            assertThat(lsns(salvage)).isEqualTo(lsnsOutside(headless));
        }
    }

    @Test
    void theNewestFilesAreMissed() throws IOException {
        WalFileInfo last = killed.files().getLast();
        WalFileInfo beforeLast = killed.files().get(killed.files().size() - 2);
        List<Long> expected = lsnsOutside(last, beforeLast);
        try (var names = Files.list(folder)) {
            for (Path file : names.toList()) {
                if (file.compareTo(path(beforeLast)) >= 0 && file.toString().endsWith(".wal")) {
                    Files.delete(file);
                }
            }
        }
        try (WalSalvage salvage = salvage()) {
            assertThat(onlyPlace(salvage).file()).isEqualTo(path(beforeLast).toString());
            assertThat(onlyPlace(salvage).problem()).contains("missing");
            assertThat(lsns(salvage)).isEqualTo(expected);
        }
    }

    @Test
    void aTruncatedFileCostsItsRest() throws IOException {
        WalFileInfo file = fileOf(10);
        try (var channel =
                java.nio.channels.FileChannel.open(
                        path(file), java.nio.file.StandardOpenOption.WRITE)) {
            channel.truncate(offsetOf(10) + 100);
        }
        try (WalSalvage salvage = salvage()) {
            assertThat(salvage.unreadable().getFirst().record().orElseThrow().lsn()).isEqualTo(11);
            List<Long> lsns = lsns(salvage);
            assertThat(lsns).containsAll(lsnsOutside(file)).contains(10L).doesNotContain(11L);
        }
    }

    @Test
    void whatIsBehindATornRecordIsThereToo() throws IOException {
        flip(path(fileOf(RECORDS - 2)), offsetOf(RECORDS - 2) + 100);
        try (WalSalvage salvage = salvage()) {
            assertThat(onlyPlace(salvage).record().orElseThrow().lsn()).isEqualTo(RECORDS - 1);
            assertThat(lsns(salvage)).isEqualTo(allLsnsBut(RECORDS - 1));
        }
    }

    @Test
    void anEmptyFolderIsRefused() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(
                        () -> WalSalvage.open(env, SystemLogDirectory.openReadOnly(empty), VOLUME))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("there is no log");
    }

    /** A disk with a bad sector at byte 5000. */
    private record BadSector(LogFile file) implements LogFile {
        @Override
        public String name() {
            return file.name();
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(long position, ByteBuffer into) throws IOException {
            if (position <= 5000 && position + into.remaining() > 5000) {
                into.position(into.limit());
                throw new IOException("Input/output error");
            }
            return file.read(position, into);
        }

        @Override
        public void write(long position, ByteBuffer[] buffers, int count) throws IOException {
            throw new IOException("not here");
        }

        @Override
        public void sync() {}

        @Override
        public void preallocate(long bytes) {}

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    @Test
    void aBadSectorReadsAsZeroesAndTheRestAsItIs() throws IOException {
        byte[] expected = new byte[20_000];
        Arrays.fill(expected, (byte) 7);
        Files.write(folder.resolve("file"), expected);
        Arrays.fill(expected, 4096, 8192, (byte) 0);
        SystemLogDirectory directory = SystemLogDirectory.openReadOnly(folder);
        try (var file = new ReadableParts(new BadSector(directory.open("file")))) {
            ByteBuffer into = ByteBuffer.allocate(30_000).position(10);
            assertThat(file.read(100, into)).isEqualTo(19_900);
            assertThat(into.position()).isEqualTo(19_910);
            assertThat(Arrays.copyOfRange(into.array(), 10, 19_910))
                    .isEqualTo(Arrays.copyOfRange(expected, 100, 20_000));
        }
    }
}
