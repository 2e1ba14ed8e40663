package io.lsmbd.wal;

import static io.lsmbd.wal.TestLog.OTHER;
import static io.lsmbd.wal.TestLog.VOLUME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.lsmbd.env.LogFile;
import io.lsmbd.env.SystemLogDirectory;
import io.lsmbd.env.Task;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an inspection sees is what recovery finds; and the folder stays as it is, to the byte. */
class WalInspectionTest {
    private static final int RECORDS = 40;
    @TempDir Path folder;
    private final TestEnvironment env = TestLog.environment();
    private final TestLog.RecordingSink sink = new TestLog.RecordingSink();

    private Wal open() throws IOException {
        return TestLog.open(env, SystemLogDirectory.open(folder), WalDigests.none());
    }

    /** Several files with two volumes' records, synced but for the last two. */
    private void fill(Wal wal) throws StorageException {
        WalStream stream = wal.stream(VOLUME, 3, 0, sink);
        WalStream other = wal.stream(OTHER, 4, 10, new TestLog.RecordingSink());
        for (int i = 1; i <= RECORDS; i++) {
            if (!wal.acceptsWithoutWaiting(32 << 10)) {
                wal.recycleOnce();
            }
            if (i % 5 == 0) {
                stream.trim(i, 1L << 40);
                TestLog.write(other, i, 1);
            } else {
                TestLog.write(stream, i * 64L, 32);
            }
            if (i == RECORDS - 2) {
                wal.syncNow();
            }
        }
        wal.recycleOnce(); // prepares the next file
    }

    private WalInspection inspect() throws IOException {
        return WalInspection.open(
                TestLog.environment(), SystemLogDirectory.openReadOnly(folder), Set.of(VOLUME));
    }

    private Map<String, ByteBuffer> contents() throws IOException {
        Map<String, ByteBuffer> contents = new HashMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                contents.put(file.toString(), ByteBuffer.wrap(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    private void flip(String file, long bit) throws IOException {
        byte[] bytes = Files.readAllBytes(folder.resolve(file));
        bytes[(int) (bit >> 3)] ^= (byte) (1 << (bit & 7));
        Files.write(folder.resolve(file), bytes);
    }

    private static void assertSame(WalRecords found, WalRecords expected) {
        assertThat(found.size()).isEqualTo(expected.size());
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.lsn(i)).isEqualTo(expected.lsn(i));
            assertThat(found.epoch(i)).isEqualTo(expected.epoch(i));
            assertThat(found.location(i)).isEqualTo(expected.location(i));
        }
    }

    @Test
    void afterAKillItSeesWhatRecoveryFinds() throws IOException {
        // The one that is killed stays open: closing it would be a clean end.
        Wal killed = open();
        fill(killed);
        Map<String, ByteBuffer> before = contents();
        try (WalInspection inspection = inspect()) {
            assertThat(contents()).isEqualTo(before);
            WalReport report = inspection.report();
            assertThat(report.damage()).isEmpty();
            assertThat(report.close()).isEqualTo(WalReport.Close.NOT_CLOSED);
            assertThat(report.boot()).isEqualTo(WalReport.Boot.SAME);
            assertThat(report.possibleLoss()).isEqualTo(WalRecovery.PossibleLoss.NONE);
            List<WalFileInfo> files = killed.files();
            assertThat(files).hasSizeGreaterThan(3);
            assertThat(report.files()).isEqualTo(files);
            assertThat(report.usedBytes()).isEqualTo(killed.usedBytes());
            assertThat(report.filesAhead()).isPositive();
            assertThat(report.volumes())
                    .extracting(WalReport.Part::volume, WalReport.Part::records)
                    .containsExactly(
                            tuple(VOLUME, (long) RECORDS), tuple(OTHER, (long) RECORDS / 5));
            WalReport.Part other = report.volumes().getLast();
            assertThat(other.firstLsn()).isEqualTo(11);
            assertThat(other.lastLsn()).isEqualTo(10 + RECORDS / 5);
            assertThat(other.firstEpoch()).isEqualTo(4);
            assertThat(other.bytes()).isEqualTo(RECORDS / 5 * (64L + 512));
            WalReport.End end = report.end().orElseThrow();
            assertThat(end.position()).isEqualTo(killed.appendedPosition());
            assertThat(end.file()).isEqualTo(files.getLast().name());
            assertThat(end.offset()).isEqualTo(files.getLast().usedBytes());
            assertThat(end.tornBytes()).isZero();
            assertThat(report.syncedPosition())
                    .isEqualTo(killed.syncedPosition())
                    .isLessThan(end.position());
            WalRecords seen = inspection.records(VOLUME);
            assertThat(inspection.records(OTHER).size()).as("not kept").isZero();
            try (Wal recovered = open()) {
                assertSame(seen, recovered.recovery().records(VOLUME));
            }
        }
    }

    @Test
    void recordsAreListedWithTheirPlaces() throws IOException {
        Wal killed = open();
        fill(killed);
        List<WalRecordInfo> listed = new ArrayList<>();
        try (WalInspection inspection = inspect()) {
            inspection.forEachRecord(record -> {
                if (record.volume().equals(VOLUME)) {
                    listed.add(record);
                }
                return true;
            });
            assertThat(listed).hasSize(RECORDS);
            for (int i = 0; i < RECORDS; i++) {
                TestLog.Appended appended = sink.appended.get(i);
                WalRecordInfo record = listed.get(i);
                assertThat(record.lsn()).isEqualTo(appended.lsn());
                assertThat(record.kind()).isEqualTo(appended.kind());
                assertThat(record.lba()).isEqualTo(appended.lba());
                assertThat(record.sectors()).isEqualTo(appended.sectors());
                List<WalFileInfo> files = inspection.report().files();
                boolean isHole = record.kind().isHole();
                assertThat(WalPlace.of(appended.location(), files))
                        .contains(new WalPlace(record.file(), record.offset() + (isHole ? 0 : 64)));
                assertThat(WalPlace.of(appended.location(), killed.files()))
                        .isEqualTo(WalPlace.of(appended.location(), files));
            }
            assertThat(WalPlace.of(WalLocation.ofHole(1L << 40), inspection.report().files()))
                    .isEmpty();
            listed.clear();
            inspection.forEachRecord(record -> {
                listed.add(record);
                return listed.size() < 3;
            });
            assertThat(listed).hasSize(3);
        }
    }

    @Test
    void aCleanCloseAndAnotherBootAreTold() throws IOException {
        try (Wal wal = open()) {
            fill(wal);
        }
        try (WalInspection inspection =
                WalInspection.open(
                        new TestEnvironment("boot-2", 1),
                        SystemLogDirectory.openReadOnly(folder),
                        Set.of())) {
            WalReport report = inspection.report();
            assertThat(report.close()).isEqualTo(WalReport.Close.CLEAN);
            assertThat(report.boot()).isEqualTo(WalReport.Boot.OTHER);
            assertThat(report.possibleLoss()).isEqualTo(WalRecovery.PossibleLoss.NONE);
            assertThat(report.end().orElseThrow().position()).isEqualTo(report.syncedPosition());
        }
    }

    @Test
    void anUncleanHostBootIsAPossibleLoss() throws IOException {
        Wal killed = open();
        fill(killed);
        try (WalInspection inspection =
                WalInspection.open(
                        new TestEnvironment("boot-2", 1),
                        SystemLogDirectory.openReadOnly(folder),
                        Set.of())) {
            assertThat(inspection.report().possibleLoss())
                    .isEqualTo(WalRecovery.PossibleLoss.UNCLEAN_HOST_BOOT);
        }
    }

    @Test
    void aFlippedBitIsReportedWithFileAndOffsetAndLeftAlone() throws IOException {
        Wal killed = open();
        fill(killed);
        TestLog.Appended hit = sink.appended.get(20);
        long position = WalLocation.position(hit.location());
        WalFileInfo file =
                killed.files().stream()
                        .filter(it -> it.firstPosition() <= position)
                        .reduce((_, last) -> last)
                        .orElseThrow();
        flip(file.name(), 8 * (position - file.firstPosition() + 1000) + 3);
        Map<String, ByteBuffer> before = contents();
        try (WalInspection inspection = inspect()) {
            CorruptDataException damage = inspection.report().damage().orElseThrow();
            assertThat(damage.where()).isEqualTo(folder.resolve(file.name()).toString());
            assertThat(damage.offset()).isEqualTo(position - file.firstPosition());
            assertThat(inspection.report().end()).isEmpty();
            assertThat(inspection.report().files().getLast().name()).isEqualTo(file.name());
            assertThatThrownBy(() -> inspection.records(VOLUME)).isSameAs(damage);
            long[] last = new long[1];
            inspection.forEachRecord(record -> {
                last[0] = record.volume().equals(VOLUME) ? record.lsn() : last[0];
                return true;
            });
            assertThat(last[0]).isEqualTo(hit.lsn() - 1);
            assertThatThrownBy(this::open).hasMessage(damage.getMessage());
        }
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void damageOfAHeaderAndMissingFilesAreReported() throws IOException {
        Wal killed = open();
        fill(killed);
        Path second = folder.resolve(killed.files().get(1).name());
        byte[] content = Files.readAllBytes(second);
        Files.delete(second);
        try (WalInspection inspection = inspect()) {
            assertThat(inspection.report().damage().orElseThrow())
                    .hasMessageContaining("missing")
                    .hasMessageContaining(second.toString());
        }
        Files.write(second, content);
        flip(killed.files().get(1).name(), 100);
        try (WalInspection inspection = inspect()) {
            CorruptDataException damage = inspection.report().damage().orElseThrow();
            assertThat(damage.where()).isEqualTo(second.toString());
        }
    }

    @Test
    void aTornTailIsToldAndLeftAlone() throws IOException {
        Wal killed = open();
        fill(killed);
        TestLog.Appended torn = sink.appended.get(RECORDS - 2);
        WalFileInfo file = killed.files().getLast();
        long offset = WalLocation.position(torn.location()) - file.firstPosition();
        flip(file.name(), 8 * (offset + 100));
        try (WalInspection inspection = inspect()) {
            WalReport report = inspection.report();
            WalReport.End end = report.end().orElseThrow();
            assertThat(end.offset()).isEqualTo(offset);
            assertThat(end.reason()).contains("payload");
            assertThat(end.recordsBehind()).isEqualTo(2);
            assertThat(end.tornBytes()).isEqualTo(killed.appendedPosition() - end.position());
            assertThat(report.possibleLoss())
                    .isEqualTo(WalRecovery.PossibleLoss.TORN_WHILE_RUNNING);
        }
    }

    @Test
    void aFolderWithoutALogIsRefused() throws IOException {
        assertThatThrownBy(this::inspect)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("there is no log in " + folder)
                .hasMessageNotContaining("try ");
        Files.createDirectory(folder.resolve("wal"));
        assertThatThrownBy(this::inspect).hasMessageEndingWith("try " + folder.resolve("wal"));
        assertThatThrownBy(() -> SystemLogDirectory.openReadOnly(folder.resolve("absent")))
                .isInstanceOf(IOException.class);
        assertThat(folder.resolve("absent")).doesNotExist();
    }

    @Test
    void aReadOnlyDirectoryRefusesEveryChange() throws IOException {
        Files.write(folder.resolve("a"), new byte[10]);
        SystemLogDirectory directory = SystemLogDirectory.openReadOnly(folder);
        assertThat(directory.list()).containsExactly("a");
        assertThatThrownBy(() -> directory.create("b")).hasMessageContaining("reading only");
        assertThatThrownBy(() -> directory.rename("a", "b")).hasMessageContaining("reading only");
        assertThatThrownBy(() -> directory.delete("a")).hasMessageContaining("reading only");
        assertThatThrownBy(directory::sync).hasMessageContaining("reading only");
        try (LogFile file = directory.open("a")) {
            assertThat(file.read(0, ByteBuffer.allocate(20))).isEqualTo(10);
            assertThatThrownBy(() -> file.write(0, ByteBuffer.allocate(1)))
                    .isInstanceOf(NonWritableChannelException.class);
        }
        assertThat(directory.list()).containsExactly("a");
    }

    /** Files roll and are recycled by the hundred: no look may take that for damage. */
    @Test
    void aLogInUseIsNeverCalledDamaged() throws IOException {
        AtomicBoolean isDone = new AtomicBoolean();
        int looks = 0;
        try (Wal wal = open()) {
            wal.start();
            WalStream stream = wal.stream(VOLUME, 1, 0, sink);
            Task writer = env.spawn("writer", () -> write(wal, stream, isDone));
            while (!isDone.get()) {
                try (WalInspection inspection = inspect()) {
                    assertThat(inspection.report().damage()).isEmpty();
                    looks++;
                } catch (RefusedException e) {
                    assertThat(e.reason()).isEqualTo(RefusedException.Reason.IN_USE);
                }
            }
            writer.join();
            env.checkNoTaskDied();
            assertThat(wal.files().getLast().sequence()).isGreaterThan(50);
        }
        assertThat(looks).isPositive();
    }

    private static void write(Wal wal, WalStream stream, AtomicBoolean isDone) {
        try {
            for (int i = 1; i <= 6000; i++) {
                TestLog.write(stream, i, 1 + i % 8);
                if (i % 20 == 0) {
                    wal.syncNow();
                    stream.committed(stream.lastLsn());
                }
            }
        } catch (StorageException e) {
            throw new AssertionError(e);
        } finally {
            isDone.set(true);
        }
    }
}
