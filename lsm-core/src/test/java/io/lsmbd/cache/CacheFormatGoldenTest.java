package io.lsmbd.cache;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.env.LogFile;
import io.lsmbd.env.SystemLogDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bytes of version 1, which are never to change without a new version. */
class CacheFormatGoldenTest {
    private static final FrameKey KEY = new FrameKey(0x0102030405060708L, 0x1122, 0x33);
    private static final String HEADER = golden("slot-header-1.hex");
    private static final String DIRECTORY = golden("directory-1.hex");

    @TempDir private Path folder;

    private static String golden(String name) {
        try (InputStream in = CacheFormatGoldenTest.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), US_ASCII).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void aSlotsBytesAreThoseOfVersion1() {
        FrameBuffer buffer = new FrameBuffer();
        buffer.fillFrom(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        ByteBuffer slot = SlotFormat.encode(KEY, buffer);
        byte[] bytes = new byte[slot.remaining()];
        slot.get(bytes);
        assertThat(hex(Arrays.copyOf(bytes, 40))).isEqualTo(HEADER);
        assertThat(Arrays.copyOfRange(bytes, 40, 4096)).containsOnly(0);
        assertThat(Arrays.copyOfRange(bytes, 4096, bytes.length)).containsExactly(1, 2, 3);
    }

    @Test
    void aSlotOfVersion1IsRead() {
        FrameBuffer buffer = new FrameBuffer();
        ByteBuffer slot = SlotFormat.toRead(buffer, 3).put(HexFormat.of().parseHex(HEADER));
        slot.position(4096).put(new byte[] {1, 2, 3});
        assertThat(SlotFormat.check(KEY, 3, buffer)).isEqualTo(SlotFormat.Verdict.INTACT);
        assertThat(buffer.plain().remaining()).isEqualTo(3);
    }

    @Test
    void aDirectorysBytesAreThoseOfVersion1() throws IOException {
        DiskSlots slots = new DiskSlots(4);
        slots.bind(slots.claim(KEY), KEY, 3);
        slots.claim(Frames.key(1)); // its write failed: an empty slot
        try (LogFile file = SystemLogDirectory.open(folder).create("directory")) {
            DirectoryFormat.write(slots, file);
        }
        assertThat(hex(Files.readAllBytes(folder.resolve("directory")))).isEqualTo(DIRECTORY);
    }

    @Test
    void aDirectoryOfVersion1IsRead() throws IOException {
        Files.write(folder.resolve("directory"), HexFormat.of().parseHex(DIRECTORY));
        DiskSlots slots = new DiskSlots(4);
        try (LogFile file = SystemLogDirectory.open(folder).open("directory")) {
            DirectoryFormat.read(file, slots);
        }
        assertThat(slots.find(KEY)).isEqualTo(new DiskSlots.Place(0, 1, 3));
        assertThat(slots.openedSlots()).isEqualTo(2);
    }
}
