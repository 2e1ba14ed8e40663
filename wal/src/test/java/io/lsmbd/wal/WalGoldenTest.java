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

/** Version 1 as it was first written: {@code wal-v1.hex} holds a file's beginning. */
class WalGoldenTest {
    private static final int BYTES = 4096 + (64 + 512) + 64 + 64 + (64 + 512);

    private static byte[] golden() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(WalGoldenTest.class.getResourceAsStream("/wal-v1.hex"))) {
            String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
        }
    }

    @Test
    void version1IsStillWritten() throws IOException {
        MemoryDirectory directory = new MemoryDirectory();
        Wal wal = TestLog.open(directory);
        WalStream stream = wal.stream(VOLUME, 0xfedcba98L, 41, new TestLog.RecordingSink());
        TestLog.write(stream, 0x123456789L, 1);
        stream.trim(5, 1L << 40);
        wal.syncNow();
        stream.writeZeroes(6, 7);
        TestLog.write(stream, 1, 1);
        byte[] written = Arrays.copyOf(directory.bytes(LogFiles.name(1)), BYTES);
        assertThat(HexFormat.of().formatHex(written)).isEqualTo(HexFormat.of().formatHex(golden()));
        assertThat(HexFormat.of().formatHex(directory.bytes(LogFiles.SYNCED_NAME)))
                .isEqualTo("4c42575301000000801200000000000001000000000000000f8591a8");
    }

    @Test
    void version1IsStillRead() throws IOException {
        MemoryDirectory directory = new MemoryDirectory();
        directory.put(LogFiles.name(1), Arrays.copyOf(golden(), 128 << 10));
        try (Wal wal = TestLog.open(directory)) {
            WalRecords records = wal.recovery().records(VOLUME);
            assertThat(records.size()).isEqualTo(4);
            assertThat(records.lsn(0)).isEqualTo(42);
            assertThat(records.epoch(0)).isEqualTo(0xfedcba98L);
            assertThat(records.lba(0)).isEqualTo(0x123456789L);
            assertThat(records.kind(1)).isEqualTo(WalKind.TRIM);
            assertThat(records.sectors(1)).isEqualTo(1L << 40);
            assertThat(records.kind(2)).isEqualTo(WalKind.ZERO);
            assertThat(Crc32c.of(TestLog.read(wal, records.location(3))))
                    .isEqualTo(Crc32c.of(TestLog.payload(45, 1)));
        }
    }
}
