package io.lsmbd.wal;

import static io.lsmbd.wal.TestLog.VOLUME;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.format.Crc32c;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The versions as they were first written: {@code wal-v<n>.hex} hold a file's beginning. */
class WalGoldenTest {
    private static byte[] golden(int version) throws IOException {
        String name = "/wal-v%d.hex".formatted(version);
        try (InputStream in =
                Objects.requireNonNull(WalGoldenTest.class.getResourceAsStream(name))) {
            String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
        }
    }

    @Test
    void version2IsStillWritten() throws IOException {
        MemoryDirectory directory = new MemoryDirectory();
        Wal wal = TestLog.open(directory);
        WalStream stream = wal.stream(VOLUME, 0xfedcba98L, 41, new TestLog.RecordingSink());
        TestLog.write(stream, 0x123456789L, 1);
        stream.trim(5, 1L << 40);
        wal.syncNow();
        stream.writeZeroes(6, 7);
        TestLog.write(stream, 1, 1);
        var zeroes = new UnalignedZeroes(100, 1L << 33, TestLog.payload(46, 1), null);
        stream.writeZeroesIf(() -> true, zeroes);
        int bytes = golden(2).length;
        assertThat((long) bytes).isEqualTo(wal.appendedPosition());
        byte[] written = Arrays.copyOf(directory.bytes(LogFiles.name(1)), bytes);
        assertThat(HexFormat.of().formatHex(written))
                .isEqualTo(HexFormat.of().formatHex(golden(2)));
        assertThat(HexFormat.of().formatHex(directory.bytes(LogFiles.SYNCED_NAME)))
                .isEqualTo("4c42575301000000801200000000000001000000000000000f8591a8");
    }

    @Test
    void version1IsStillRead() throws IOException {
        MemoryDirectory directory = new MemoryDirectory();
        directory.put(LogFiles.name(1), Arrays.copyOf(golden(1), 128 << 10));
        try (Wal wal = TestLog.open(directory)) {
            WalRecords records = wal.recovery().records(VOLUME);
            assertThat(records.size()).isEqualTo(4);
            checkFirstFour(wal, records);
        }
    }

    @Test
    void version2IsStillRead() throws IOException {
        MemoryDirectory directory = new MemoryDirectory();
        directory.put(LogFiles.name(1), Arrays.copyOf(golden(2), 128 << 10));
        try (Wal wal = TestLog.open(directory)) {
            WalRecords records = wal.recovery().records(VOLUME);
            assertThat(records.size()).isEqualTo(6);
            checkFirstFour(wal, records);
            assertThat(records.lsn(4)).isEqualTo(46);
            assertThat(records.lba(4)).isEqualTo(99);
            assertThat(records.continues(4)).isTrue();
            assertThat(records.kind(5)).isEqualTo(WalKind.ZERO);
            assertThat(records.sectors(5)).isEqualTo(1L << 33);
            assertThat(records.continues(5)).isFalse();
        }
    }

    private static void checkFirstFour(Wal wal, WalRecords records) throws IOException {
        assertThat(records.lsn(0)).isEqualTo(42);
        assertThat(records.epoch(0)).isEqualTo(0xfedcba98L);
        assertThat(records.lba(0)).isEqualTo(0x123456789L);
        assertThat(records.kind(1)).isEqualTo(WalKind.TRIM);
        assertThat(records.sectors(1)).isEqualTo(1L << 40);
        assertThat(records.kind(2)).isEqualTo(WalKind.ZERO);
        assertThat(Crc32c.of(TestLog.read(wal, records.location(3))))
                .isEqualTo(Crc32c.of(TestLog.payload(45, 1)));
        for (int i = 0; i < 4; i++) {
            assertThat(records.continues(i)).isFalse();
        }
    }
}
