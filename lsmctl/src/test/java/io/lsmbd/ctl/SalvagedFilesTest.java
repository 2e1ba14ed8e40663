package io.lsmbd.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SalvagedFilesTest {
    private static final String LIST = "{}\n";
    @TempDir Path folder;
    private SalvagedFiles files;

    @BeforeEach
    void name() {
        files = new SalvagedFiles(folder.resolve("image"));
    }

    private static void writeOne(FileChannel image) throws IOException {
        image.write(ByteBuffer.wrap(new byte[] {1}), 1);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(it -> it.getFileName().toString()).sorted().toList();
        }
    }

    private void assertWhole() throws IOException {
        assertThat(names()).containsExactly("image", "image.json");
        assertThat(files.image()).hasBinaryContent(new byte[] {0, 1, 0, 0});
        assertThat(files.ranges()).hasContent(LIST);
    }

    @Test
    void bothHaveTheirNamesOnlyAtTheEnd() throws IOException, CtlException {
        files.write(
                4,
                image -> {
                    assertThat(names()).containsExactly("image.partial");
                    writeOne(image);
                },
                LIST);
        assertWhole();
    }

    @Test
    void aRunThatFailsLeavesNothing() throws IOException {
        var damage = new CorruptDataException("file", 1, "wrong");
        assertThatThrownBy(() -> files.write(4, _ -> fail(damage), LIST)).isSameAs(damage);
        assertThatThrownBy(() -> files.write(4, _ -> fail(new IOException("disk full")), LIST))
                .isInstanceOf(CtlException.class)
                .hasMessageContaining("disk full");
        assertThat(names()).isEmpty();
    }

    private static <E extends IOException> void fail(E failure) throws E {
        throw failure;
    }

    /** Wherever it was killed: what it left is written anew, and nothing of it remains. */
    @Test
    void aRunThatWasKilledCanBeRepeated() throws IOException, CtlException {
        Files.write(folder.resolve("image.partial"), new byte[] {9, 9, 9, 9, 9, 9});
        Files.writeString(folder.resolve("image.json.partial"), "half of something longer");
        Files.writeString(files.ranges(), LIST);
        files.write(4, SalvagedFilesTest::writeOne, LIST);
        assertWhole();
    }

    @Test
    void whatIsThereIsNotWrittenOver() throws IOException, StorageException {
        Files.writeString(files.ranges(), "of another log");
        assertRefused(files.ranges());
        Files.delete(files.ranges());
        Files.writeString(files.image(), "mine");
        assertRefused(files.image());
        assertThat(files.image()).hasContent("mine");
        assertThat(names()).containsExactly("image");
    }

    private void assertRefused(Path file) {
        assertThatThrownBy(() -> files.write(4, SalvagedFilesTest::writeOne, LIST))
                .isInstanceOf(CtlException.class)
                .hasMessage(file + " is there already");
    }
}
