package io.lsmbd.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lsmbd.admin.api.ApiJson;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.manifest.ManifestStore;
import io.lsmbd.manifest.Writer;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.url.ObjectStores;
import io.lsmbd.volume.Volume;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A killed daemon's log, of a volume that another host may have by now. */
class SalvageTest {
    private static final int BYTES = 4 << 20;
    @TempDir Path folder;
    private Path data;
    private Path image;

    /** What a run printed, and its exit code. */
    private record Run(int exitCode, String out, String err) {}

    private static Run lsmctl(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        CommandLine line = Lsmctl.commandLine(Map.of());
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int exitCode = line.execute(arguments);
        return new Run(exitCode, out.toString(), err.toString());
    }

    private Run salvage(String... more) {
        return lsmctl(
                Stream.concat(
                                Stream.of("wal", "salvage", "vol1", "--data-dir", data.toString()),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    private static void write(Volume volume, int offset, int stamp, int length)
            throws StorageException {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) stamp);
        volume.write(offset, new ByteBuffer[] {ByteBuffer.wrap(bytes)}, 1);
    }

    /** LSN 1 is in a segment, 2 to 5 are in the log only. */
    @BeforeEach
    void leaveMoreInTheLogThanInTheStore() throws IOException {
        image = folder.resolve("image");
        Path live = folder.resolve("live");
        data = folder.resolve("killed");
        try (var engine = new FolderEngine(live, Duration.ofHours(1))) {
            Volume volume = engine.create("vol1", new DataSize(BYTES));
            write(volume, 0, 1, 8192);
            volume.drain();
            write(volume, 4096, 2, 8192);
            volume.trim(64 << 10, 128 << 10);
            write(volume, 8192, 3, 4096);
            engine.wal().syncNow();
            // This record tells that those before it were synced: what is wrong there is damage.
            volume.writeZeroes(256 << 10, 4096);
            try (Stream<Path> all = Files.walk(live)) {
                for (Path source : all.toList()) {
                    // A put that is under way, of a lease for example, comes and goes there.
                    if (source.toString().contains("/.lsmbd/session/")) {
                        continue;
                    }
                    Files.copy(source, data.resolve(live.relativize(source)));
                }
            }
        }
    }

    private void takeOver() throws StorageException, IOException {
        takeOver(BYTES);
    }

    private void takeOver(long newSizeBytes) throws StorageException, IOException {
        var environment = new SystemEnvironment((_, failure) -> failure.printStackTrace());
        Path store = data.resolve("store");
        VolumeId id = VolumeId.parse(Files.readString(store.resolve("volumes/vol1")).strip());
        try (ObjectStore open = ObjectStores.open(store.toString(), environment)) {
            var manifests = new ManifestStore(open, environment);
            ManifestStore.Versioned now = manifests.load(id);
            long epoch = now.manifest().epoch() + 1;
            var other = new Writer("0123", "directory-2", "elsewhere", epoch, 1);
            Manifest attached = now.manifest().attached(other, 1000).resized(newSizeBytes);
            assertThat(manifests.swap(now, attached)).isInstanceOf(ManifestStore.Swap.Done.class);
        }
    }

    private Map<String, Integer> contents() throws IOException {
        Map<String, Integer> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(data)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                contents.put(file.toString(), Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    @Test
    void whatOnlyTheLogHasIsWrittenOutAndNothingIsChanged() throws IOException {
        takeOver();
        Map<String, Integer> before = contents();
        Run run = salvage("--to", image.toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("epoch   1   4 records, LSN 2 to 5\n")
                .contains("holds   8 KiB of data, 132 KiB zeroed, in 3 ranges\n");
        byte[] expected = new byte[BYTES];
        Arrays.fill(expected, 4096, 8192, (byte) 2);
        Arrays.fill(expected, 8192, 12288, (byte) 3);
        assertThat(Files.readAllBytes(image)).isEqualTo(expected);
        JsonNode ranges =
                ApiJson.strict()
                        .readTree(Files.readString(folder.resolve("image.json")))
                        .get("ranges");
        assertThat(ranges)
                .isEqualTo(
                        ApiJson.strict()
                                .readTree(
                                        """
                                        [{"offset":4096,"length":8192,"kind":"data",
                                          "epoch":1,"firstLsn":2,"lastLsn":4,"isBehindGap":false},
                                         {"offset":65536,"length":131072,"kind":"zeros",
                                          "epoch":1,"firstLsn":3,"lastLsn":3,"isBehindGap":false},
                                         {"offset":262144,"length":4096,"kind":"zeros",
                                          "epoch":1,"firstLsn":5,"lastLsn":5,"isBehindGap":false}]
                                        """));
        assertThat(contents()).isEqualTo(before);
        assertThat(salvage("--to", image.toString()).err()).contains(image + " is there already");
    }

    /** The old host's volume was larger: what it wrote there is brought back, too. */
    @Test
    void whatLiesBeyondAShrunkEndIsWrittenOutAndTold() throws IOException {
        takeOver(8192);
        Run run = salvage("--to", image.toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("holds   8 KiB of data, 132 KiB zeroed, in 3 ranges\n")
                .contains("beyond  the volume's end, 8 KiB by now: 4 KiB of data;")
                .contains("image is larger, 12 KiB\n");
        byte[] expected = new byte[12288];
        Arrays.fill(expected, 4096, 8192, (byte) 2);
        Arrays.fill(expected, 8192, 12288, (byte) 3);
        assertThat(image).hasBinaryContent(expected);
        JsonNode json = ApiJson.strict().readTree(Files.readString(folder.resolve("image.json")));
        assertThat(json.get("sizeBytes").asLong()).isEqualTo(8192);
        assertThat(json.get("imageBytes").asLong()).isEqualTo(12288);
        assertThat(json.get("beyondEndBytes").asLong()).isEqualTo(4096);
    }

    @Test
    void withoutAFileItOnlyTells() throws IOException {
        takeOver();
        Run run = salvage("-o", "json");
        assertThat(run.exitCode()).isZero();
        JsonNode json = ApiJson.strict().readTree(run.out());
        assertThat(json.get("records").asLong()).isEqualTo(4);
        assertThat(json.get("takenOverBy").asLong()).isEqualTo(2);
        assertThat(image).doesNotExist();
    }

    /** The next start will replay it. */
    @Test
    void aVolumeThatIsStillOursHasNothingToSalvage() {
        Run run = salvage("--to", image.toString());
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEqualTo("volume vol1: the log holds nothing that is lost to it\n");
        assertThat(image).doesNotExist();
    }

    /** Flips a bit in the payload of the write of so many such bytes. */
    private void damagePayload(int stamp, int length) throws IOException {
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) stamp);
        int hits = 0;
        try (Stream<Path> files = Files.list(data.resolve("wal"))) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                for (int at = 0; at + length <= bytes.length; at += 64) {
                    if (Arrays.equals(bytes, at, at + length, payload, 0, length)) {
                        bytes[at + 100]++;
                        Files.write(file, bytes);
                        hits++;
                    }
                }
            }
        }
        assertThat(hits).isEqualTo(1);
    }

    private JsonNode list() throws IOException {
        return ApiJson.strict().readTree(Files.readString(folder.resolve("image.json")));
    }

    /** LSN 4 is damaged: 2 and 3 are a state that the volume was in, 5 is held back. */
    @Test
    void damageIsToldAndWhatIsBeforeItIsWrittenOut() throws IOException {
        takeOver();
        damagePayload(3, 4096);
        Run run = salvage("--to", image.toString());
        assertThat(run.exitCode()).as(run.out()).isEqualTo(7);
        assertThat(run.out())
                .contains("epoch   1   2 records, LSN 2 to 3\n")
                .contains("MISSING epoch 1, LSN 4 to 4: in no segment")
                .containsPattern("UNREADABLE .*\\.wal at offset \\d+, 4[.]1 KiB: wrong checksum")
                .contains("epoch 1, LSN 4: 4 KiB of the volume at offset 8192\n")
                .contains("held back  1 record that could be read");
        byte[] expected = new byte[BYTES];
        Arrays.fill(expected, 4096, 12288, (byte) 2);
        assertThat(image).hasBinaryContent(expected);
        JsonNode list = list();
        assertThat(list.get("isComplete").asBoolean()).isFalse();
        assertThat(list.get("heldBack").asLong()).isEqualTo(1);
        assertThat(list.get("missing"))
                .isEqualTo(
                        ApiJson.strict().readTree("[{\"epoch\":1,\"firstLsn\":4,\"lastLsn\":4}]"));
        JsonNode place = list.get("unreadable").get(0);
        assertThat(place.get("loss").asText()).isEqualTo("certain");
        assertThat(place.get("record").get("offset").asLong()).isEqualTo(8192);
        assertThat(list.get("ranges")).hasSize(2);
    }

    @Test
    void withAllWhatIsBehindDamageIsWrittenOutToo() throws IOException {
        takeOver();
        damagePayload(3, 4096);
        Run run = salvage("--to", image.toString(), "--all");
        assertThat(run.exitCode()).as(run.out()).isEqualTo(7);
        assertThat(run.out())
                .contains("epoch   1   3 records, LSN 2 to 5\n")
                .contains("MISSING epoch 1, LSN 4 to 4")
                .contains("no state that the volume was in")
                .doesNotContain("held back");
        JsonNode ranges = list().get("ranges");
        assertThat(ranges).hasSize(3);
        assertThat(ranges.get(0).get("isBehindGap").asBoolean()).isFalse();
        assertThat(ranges.get(2).get("offset").asLong()).isEqualTo(256 << 10);
        assertThat(ranges.get(2).get("isBehindGap").asBoolean()).isTrue();
    }

    /** The first record is damaged: without --all there is nothing to write. */
    @Test
    void nothingBeforeTheDamageIsNothingWritten() throws IOException {
        takeOver();
        damagePayload(2, 8192);
        Run run = salvage("--to", image.toString());
        assertThat(run.exitCode()).as(run.out()).isEqualTo(6);
        assertThat(run.out())
                .contains("MISSING epoch 1, LSN 2 to 2")
                .contains("held back  3 records")
                .endsWith("nothing was written\n");
        assertThat(image).doesNotExist();
        assertThat(salvage("--to", image.toString(), "--all").exitCode()).isEqualTo(7);
        assertThat(image).exists();
    }

    /** LSN 1 is in a segment, so nothing is lost with its record. */
    @Test
    void damageOfWhatTheStoreHasIsNoLoss() throws IOException {
        takeOver();
        damagePayload(1, 8192);
        Run run = salvage("--to", image.toString());
        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.out())
                .contains("epoch   1   4 records, LSN 2 to 5\n")
                .contains("LSN 1: 8 KiB of the volume at offset 0; nothing is lost by it\n");
        assertThat(list().get("isComplete").asBoolean()).isTrue();
    }

    @Test
    void mistakesAreTold() {
        assertThat(lsmctl("wal", "salvage", "vol1").err()).contains("--store and --wal-dir");
        assertThat(lsmctl("wal", "salvage", "no/name", "--data-dir", data.toString()).exitCode())
                .isEqualTo(2);
        Run unsure = lsmctl("wal", "discard", "vol1");
        assertThat(unsure.exitCode()).isEqualTo(4);
        assertThat(unsure.err()).contains("gone for ever", "lsmctl wal discard vol1 --yes");
    }
}
