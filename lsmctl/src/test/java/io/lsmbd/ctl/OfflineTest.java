package io.lsmbd.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.SectorRange;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.url.ObjectStores;
import io.lsmbd.segment.Codec;
import io.lsmbd.segment.SegmentBuilder;
import io.lsmbd.segment.SegmentIdentity;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code lsmctl --store}: a folder that holds a volume of three segments, and no daemon. */
class OfflineTest {
    private static final VolumeId VOLUME = new VolumeId(0xabcL);
    private static final int SEGMENTS = 3;
    private final Random random = new Random(7);
    @TempDir Path folder;

    /** What a run printed, and its exit code. */
    private record Run(int exitCode, String out, String err) {}

    private Run lsmctl(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        CommandLine line = Lsmctl.commandLine(Map.of());
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int exitCode =
                line.execute(
                        Stream.concat(Stream.of("--store", folder.toString()), Stream.of(arguments))
                                .toArray(String[]::new));
        return new Run(exitCode, out.toString(), err.toString());
    }

    @BeforeEach
    void fill() throws StorageException {
        var environment = new SystemEnvironment((_, failure) -> failure.printStackTrace());
        try (ObjectStore store = ObjectStores.open(folder.toString(), environment);
                SegmentBuilder builder =
                        new SegmentBuilder(Codec.LZ4, 0, DataSize.ofMebibytes(1))) {
            put(store, ObjectKey.volumeName(new VolumeName("vol1")), text(VOLUME + "\n"));
            for (int number = 1; number <= SEGMENTS; number++) {
                byte[] data = new byte[256 * 512];
                random.nextBytes(data);
                builder.reserve(2048, 256).put(data);
                builder.addHole(new SectorRange(4096, 8));
                var identity =
                        new SegmentIdentity(
                                VOLUME,
                                number,
                                17,
                                number * 10L,
                                number * 10L + 1,
                                new UUID(1, 2),
                                number,
                                1_700_000_000_000L);
                put(store, ObjectKey.segment(VOLUME, number), builder.encode(identity).body());
                builder.reset();
            }
        }
    }

    private static List<ByteBuffer> text(String text) {
        return List.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static void put(ObjectStore store, ObjectKey key, List<ByteBuffer> body)
            throws StorageException {
        var _ = store.put(key, body, new PutCondition.IfAbsent());
    }

    private Path file(int segment) {
        return folder.resolve(ObjectKey.segment(VOLUME, segment).value());
    }

    @Test
    void theStoreIsListed() {
        Run run = lsmctl("inspect", "store");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .containsPattern(
                        "vol1  0000000000000abc         3      0     0  38[0-9].[0-9] KiB");
    }

    @Test
    void theStoreOfADataDirectoryIsFound() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        Files.createSymbolicLink(data.resolve("store"), folder);
        var out = new StringWriter();
        CommandLine line = Lsmctl.commandLine(Map.of()).setOut(new PrintWriter(out, true));
        assertThat(line.execute("--data-dir", data.toString(), "inspect", "store")).isZero();
        assertThat(out.toString()).contains("vol1");
    }

    @Test
    void aSegmentIsShownWithoutADaemon() {
        assertThat(lsmctl("inspect", "segment", "vol1", "2", "--frames", "--verify").out())
                .contains("segment  vol1 #2\n", "epoch 17   lsn 20..21\n", "2 frames   2 extents\n")
                .contains("2023-11-14T22:13:20Z", ", ok\n", "4096        8     hole\n");
    }

    @Test
    void everySegmentIsVerified() {
        Run run = lsmctl("inspect", "segment", "--verify", "--all");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).matches("verified 3 segments, 38[0-9].[0-9] KiB: ok\n");
        assertThat(lsmctl("inspect", "segment", "vol1", "--verify", "--all")).isEqualTo(run);
    }

    @Test
    void everyFlippedBitIsFound() throws IOException {
        for (int i = 0; i < 200; i++) {
            Path file = file(1 + random.nextInt(SEGMENTS));
            byte[] good = Files.readAllBytes(file);
            byte[] bad = good.clone();
            int bit = random.nextInt(bad.length * 8);
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, bad);
            Run run = lsmctl("inspect", "segment", "--verify", "--all");
            assertThat(run.exitCode()).as("bit %d of %s", bit, file).isEqualTo(6);
            assertThat(run.out()).contains("DAMAGED", file.getFileName().toString());
            Files.write(file, good);
        }
    }

    @Test
    void damageIsNamedWithObjectAndOffset() throws IOException {
        byte[] bytes = Files.readAllBytes(file(2));
        bytes[70_000] ^= 1;
        Files.write(file(2), bytes);
        Run run = lsmctl("inspect", "segment", "vol1", "2", "--verify");
        assertThat(run.exitCode()).isEqualTo(6);
        assertThat(run.out())
                .containsPattern("segments/00000000000000000002 at offset [0-9]+ is damaged");
    }

    @Test
    void aShortenedSegmentIsDamaged() throws IOException {
        Files.write(file(3), new byte[10]);
        assertThat(lsmctl("inspect", "segment", "vol1", "3").exitCode()).isEqualTo(6);
        assertThat(lsmctl("inspect", "segment", "--verify", "--all").exitCode()).isEqualTo(6);
    }

    @Test
    void whatIsNotThereIsRefused() {
        assertThat(lsmctl("inspect", "segment", "vol1", "99").exitCode()).isEqualTo(4);
        assertThat(lsmctl("inspect", "segment", "nobody", "1").err())
                .contains("there is no volume nobody");
    }

    @Test
    void aStoreThatIsNotThereIsNotMade() {
        Path absent = folder.resolve("absent");
        Run run = lsmctl("inspect", "store", "--store", absent.toString());
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(absent).doesNotExist();
    }

    @Test
    void aFolderThatIsNoStoreIsToldAndLeftAlone() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Run run = lsmctl("inspect", "store", "--store", empty.toString());
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(empty + " is no store: neither volumes");
        assertThat(empty).isEmptyDirectory();
    }

    @Test
    void whatOnlyADaemonKnowsIsNotAskedOfAStore() {
        assertThat(lsmctl("inspect", "wal").exitCode()).isEqualTo(2);
        assertThat(lsmctl("volume", "list").exitCode()).isEqualTo(2);
    }

    @Test
    void allNeedsVerifyAndAStore() {
        assertThat(lsmctl("inspect", "segment", "--all").exitCode()).isEqualTo(2);
        assertThat(lsmctl("inspect", "segment", "vol1", "1", "--verify", "--all").exitCode())
                .isEqualTo(2);
        assertThat(lsmctl("inspect", "segment", "vol1").err()).contains("which segment?");
    }
}
