package io.lsmbd.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lsmbd.admin.api.ApiJson;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.DataSize;
import io.lsmbd.volume.Volume;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Volumes and log without a daemon: what a daemon says of the same state, and nothing touched. */
class OfflineVolumeTest {
    private static final int BYTES = 16 << 20;
    private final Random random = new Random(11);
    @TempDir Path folder;
    private Path live;
    private FolderEngine engine;
    private Volume volume;

    /** What a run printed, and its exit code. */
    private record Run(int exitCode, String out, String err) {
        JsonNode json() throws IOException {
            assertThat(err).isEmpty();
            return ApiJson.strict().readTree(out);
        }
    }

    @BeforeEach
    void open() throws IOException {
        live = folder.resolve("live");
        engine = new FolderEngine(live, Duration.ofHours(1));
        volume = engine.create("vol1", new DataSize(BYTES));
    }

    @AfterEach
    void close() throws StorageException {
        engine.close();
    }

    private static Run lsmctl(String command, String... more) {
        var out = new StringWriter();
        var err = new StringWriter();
        CommandLine line = Lsmctl.commandLine(Map.of());
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        String[] arguments =
                Stream.concat(Stream.of(command.split(" ", -1)), Stream.of(more))
                        .toArray(String[]::new);
        return new Run(line.execute(arguments), out.toString(), err.toString());
    }

    private JsonNode online(String command) throws IOException {
        Run run = lsmctl(command, "-o", "json", "--endpoint", engine.endpoint());
        assertThat(run.exitCode()).isZero();
        return run.json();
    }

    /** Store and log of a folder. */
    private static Run offline(Path data, String command, String... more) {
        return lsmctl(
                command,
                Stream.concat(
                                Stream.of(
                                        "--store",
                                        data.resolve("store").toString(),
                                        "--wal-dir",
                                        data.resolve("wal").toString()),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    private JsonNode offlineJson(Path data, String command) throws IOException {
        Run run = offline(data, command, "-o", "json");
        assertThat(run.exitCode()).isZero();
        return run.json();
    }

    private void change(Volume target, int requests) throws StorageException {
        for (int i = 0; i < requests; i++) {
            long sector = random.nextInt(BYTES / 512 - 64);
            int sectors = 1 + random.nextInt(random.nextInt(6) == 0 ? 64 : 8);
            switch (random.nextInt(10)) {
                case 0 -> target.trim(sector * 512, sectors * 5120L % (BYTES - sector * 512));
                case 1 -> target.writeZeroes(sector * 512, sectors * 512L);
                default -> {
                    byte[] data = new byte[sectors * 512];
                    random.nextBytes(data);
                    ByteBuffer[] payload = {ByteBuffer.wrap(data)};
                    target.write(sector * 512, payload, 1);
                }
            }
        }
    }

    /** Many segments, some after the last checkpoint, and a log with more; nothing under way. */
    private void fill() throws StorageException {
        change(volume, 700);
        volume.drain();
        change(volume, 40);
        engine.wal().syncNow();
        change(volume, 5);
    }

    /** What a kill leaves. */
    private Path kill() throws IOException {
        Path killed = folder.resolve("killed");
        try (Stream<Path> all = Files.walk(live)) {
            for (Path source : all.toList()) {
                Path target = killed.resolve(live.relativize(source));
                Files.copy(source, target);
            }
        }
        return killed;
    }

    /** When each file changed last, and a checksum of its bytes. */
    private static Map<String, String> contents(Path data) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(data)) {
            for (Path path : all.toList()) {
                var crc = new CRC32C();
                if (Files.isRegularFile(path)) {
                    crc.update(Files.readAllBytes(path));
                }
                String when = Files.getLastModifiedTime(path).toString();
                contents.put(path.toString(), when + " " + crc.getValue());
            }
        }
        return contents;
    }

    /** What only one of both can know, or counts in its own way. */
    private static JsonNode comparable(JsonNode detail) {
        ObjectNode copy = detail.deepCopy();
        copy.remove("log");
        copy.withObject("volume")
                .remove(List.of("state", "unuploadedBytes", "unuploadedAgeMillis", "logFullness"));
        return copy;
    }

    private static final String WHOLE = "inspect lba vol1 0 16MiB";

    @Test
    void theStateOfAKilledDaemonIsWhatItSaidItself() throws IOException {
        fill();
        JsonNode detail = online("inspect volume vol1 --segments");
        JsonNode lba = online(WHOLE);
        JsonNode wal = online("inspect wal");
        assertThat(detail.at("/checkpointSegment").asLong())
                .isPositive()
                .isLessThanOrEqualTo(detail.at("/committedSegment").asLong());
        assertThat(lba.findValuesAsText("where")).contains("hole", "wal", "segment");
        assertThat(lba.findValuesAsText("detail")).contains("zeroes, in the log");
        Path killed = kill();
        Map<String, String> before = contents(killed);

        JsonNode offline = offlineJson(killed, "inspect volume vol1 --segments");
        assertThat(comparable(offline)).isEqualTo(comparable(detail));
        assertThat(offline.at("/segments")).hasSizeGreaterThan(5);
        assertThat(offline.at("/deadSectors").asLong()).isPositive();
        assertThat(offline.at("/volume/state").asText()).isEqualTo("offline");
        long appended = detail.at("/positions/appendedLsn").asLong();
        long committed = detail.at("/positions/committedLsn").asLong();
        assertThat(offline.at("/log/records").asLong()).isEqualTo(appended - committed);
        assertThat(offline.at("/log/firstLsn").asLong()).isEqualTo(committed + 1);
        assertThat(offline.at("/log/lastLsn").asLong()).isEqualTo(appended);

        assertThat(offlineJson(killed, WHOLE)).isEqualTo(lba);

        JsonNode log = lsmctl("inspect wal", "--wal-dir", killed + "/wal", "-o", "json").json();
        for (String field : List.of("usedBytes", "appendedPosition", "syncedPosition")) {
            assertThat(log.get(field)).as(field).isEqualTo(wal.get(field));
        }
        assertThat(withoutVolumes(log)).isEqualTo(withoutVolumes(wal));
        assertThat(log.at("/found/close").asText()).isEqualTo("not-closed");
        assertThat(log.at("/found/boot").asText()).isEqualTo("same");
        assertThat(log.at("/found/end/file").asText()).endsWith(".wal");
        assertThat(contents(killed)).isEqualTo(before);
    }

    /** Which volumes need a file, a log alone does not know. */
    private static List<JsonNode> withoutVolumes(JsonNode wal) {
        List<JsonNode> files = new ArrayList<>();
        for (JsonNode file : wal.get("files")) {
            ObjectNode copy = file.deepCopy();
            copy.remove("volumes");
            files.add(copy);
        }
        return files;
    }

    @Test
    void aDaemonInUseOfTheFoldersSaysTheSameAndIsNotDisturbed() throws IOException {
        fill();
        Map<String, String> store = contents(live.resolve("store"));
        // The daemon itself may still note how far it has synced.
        Set<String> log = contents(live.resolve("wal")).keySet();
        assertThat(offlineJson(live, WHOLE)).isEqualTo(online(WHOLE));
        assertThat(comparable(offlineJson(live, "inspect volume vol1")))
                .isEqualTo(comparable(online("inspect volume vol1")));
        assertThat(contents(live.resolve("store"))).isEqualTo(store);
        assertThat(contents(live.resolve("wal")).keySet()).isEqualTo(log);
    }

    @Test
    void theStateAfterACleanStopIsWhatTheDaemonSaidLast() throws IOException {
        fill();
        volume.drain();
        ObjectNode detail = (ObjectNode) comparable(online("inspect volume vol1 --segments"));
        JsonNode lba = online(WHOLE);
        assertThat(lba.findValuesAsText("where")).doesNotContain("wal");
        engine.close();
        Map<String, String> before = contents(live);
        ObjectNode offline =
                (ObjectNode) comparable(offlineJson(live, "inspect volume vol1 --segments"));
        // What a stop does: a last checkpoint, and the lease is given back.
        assertThat(offline.get("checkpointSegment")).isEqualTo(detail.get("committedSegment"));
        assertThat(offline.get("lease")).isNull();
        assertThat(offline.without(List.of("checkpointSegment", "lease")).toString())
                .isEqualTo(detail.without(List.of("checkpointSegment", "lease")).toString());
        assertThat(offlineJson(live, WHOLE)).isEqualTo(lba);
        assertThat(offlineJson(live, "inspect volume vol1").at("/log/records").asInt()).isZero();
        assertThat(lsmctl("inspect wal", "--wal-dir", live + "/wal").out())
                .contains(": closed there\n", "left      closed cleanly   written in this boot");
        assertThat(offline(live, "inspect volume vol1").out())
                .contains("   detached\n", "log         nothing beyond the segments\n");
        assertThat(contents(live)).isEqualTo(before);
    }

    @Test
    void withoutTheLogTheStoreAloneIsTold() throws IOException {
        fill();
        String store = live.resolve("store").toString();
        Run run = lsmctl("inspect volume vol1", "--store", store);
        assertThat(run.out()).contains("log         not looked into; --wal-dir DIR does\n");
        JsonNode lba = lsmctl(WHOLE, "--store", store, "-o", "json").json();
        assertThat(lba.findValuesAsText("where")).contains("segment").doesNotContain("wal");
        Run both = lsmctl("inspect volume vol1", "--data-dir", live.toString());
        assertThat(both.out()).contains("records beyond the segments");
        Run log = lsmctl("inspect wal", "--data-dir", live.toString(), "--volume", "vol1");
        assertThat(log.exitCode()).isZero();
    }

    @Test
    void damageOfTheLogIsToldWithFileAndOffset() throws IOException {
        fill();
        JsonNode wal = online("inspect wal");
        JsonNode run = firstLogged(online(WHOLE));
        Path killed = kill();
        Path file = killed.resolve("wal").resolve(run.at("/log/file").asText());
        byte[] bytes = Files.readAllBytes(file);
        int hit = run.at("/log/offset").asInt() + 7;
        bytes[hit] ^= 4;
        Files.write(file, bytes);
        Map<String, String> before = contents(killed);

        Run found = lsmctl("inspect wal", "--wal-dir", killed + "/wal", "-o", "json");
        assertThat(found.exitCode()).isEqualTo(6);
        JsonNode damage = found.json().at("/found/damage");
        assertThat(damage.get("file").asText()).isEqualTo(file.toString());
        assertThat(damage.get("offset").asLong())
                .isLessThan(hit)
                .isGreaterThan(hit - (64 << 10) - 64L);
        assertThat(found.json().at("/found/end").isMissingNode()).isTrue();
        Run table = lsmctl("inspect wal --records", "--wal-dir", killed + "/wal");
        assertThat(table.exitCode()).isEqualTo(6);
        assertThat(table.out())
                .contains("DAMAGED\n", file + " at offset " + damage.get("offset"), "payload");
        for (String command : List.of("inspect volume vol1", WHOLE)) {
            Run refused = offline(killed, command);
            assertThat(refused.exitCode()).as(command).isEqualTo(6);
            assertThat(refused.err()).contains(file.toString());
        }
        assertThat(contents(killed)).isEqualTo(before);
        assertThat(wal.get("files")).isNotEmpty();
    }

    /** A run of data that the log holds: the first. */
    private static JsonNode firstLogged(JsonNode lba) {
        for (JsonNode run : lba.get("runs")) {
            if (run.get("where").asText().equals("wal") && run.get("detail").asText().isEmpty()) {
                return run;
            }
        }
        throw new AssertionError("nothing in the log: " + lba);
    }

    @Test
    void recordsAreListedAndFilteredByVolume() throws IOException {
        change(volume, 20);
        Volume other = engine.create("vol2", new DataSize(BYTES));
        change(other, 7);
        String wal = live.resolve("wal").toString();
        JsonNode all = lsmctl("inspect wal --records -o json", "--wal-dir", wal).json();
        assertThat(all.get("hasMore").asBoolean()).isFalse();
        assertThat(all.get("listed")).hasSizeGreaterThanOrEqualTo(27);
        String id = online("inspect volume vol2").at("/volume/id").asText();
        JsonNode one = offlineJson(live, "inspect wal --records --volume vol2 --limit 3");
        assertThat(one.get("listed")).hasSize(3);
        assertThat(one.get("hasMore").asBoolean()).isTrue();
        assertThat(one.get("listed").findValuesAsText("volume")).containsOnly(id);
        assertThat(one.at("/found/volumes")).hasSize(1);
        assertThat(one.at("/found/volumes/0/volume").asText()).isEqualTo(id);
        assertThat(lsmctl("inspect wal -o json --volume " + id, "--wal-dir", wal).json())
                .isEqualTo(((ObjectNode) one).without(List.of("listed", "hasMore")));
        Run table = lsmctl("inspect wal --records --limit 4", "--wal-dir", wal);
        assertThat(table.out()).endsWith("only the first 4; --limit for more\n");
        assertThat(table.out().lines().filter(line -> line.matches(".* write\\+? .*")))
                .hasSizeBetween(1, 4);
    }

    @Test
    void mistakesAreToldWithTheirExitCodes() throws IOException {
        String store = live.resolve("store").toString();
        String wal = live.resolve("wal").toString();
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertMistake(
                2, "there is no folder " + folder + "/x", "inspect wal --wal-dir", folder + "/x");
        assertMistake(2, "there is no log in " + empty, "inspect wal --wal-dir", empty.toString());
        assertMistake(2, "try " + wal, "inspect wal --wal-dir", live.toString());
        assertMistake(2, "is no store", "inspect volume vol1 --store", empty.toString());
        assertMistake(2, "try " + store, "inspect volume vol1 --store", live.toString());
        assertMistake(4, "there is no volume nobody", "inspect volume nobody --store", store);
        assertMistake(2, "goes with --store", "inspect volume vol1 --wal-dir", wal);
        assertMistake(2, "a store has no log", "inspect wal --store", store);
        assertMistake(2, "go with --wal-dir", "inspect wal", "--records");
        assertMistake(2, "ids only", "inspect wal --volume vol1 --wal-dir", wal);
        assertMistake(2, "--limit takes 1", "inspect wal --limit 5 --wal-dir", wal);
        assertMistake(2, "multiples of 512", "inspect lba vol1 100 --store", store);
        assertMistake(2, "length is from 1", "inspect lba vol1 0 2GiB --store", store);
        assertMistake(2, "ends at byte " + BYTES, "inspect lba vol1 16MiB --store", store);
        assertThat(empty).isEmptyDirectory();
    }

    private static void assertMistake(int exitCode, String reason, String command, String last) {
        Run run = lsmctl(command, last);
        assertThat(run.err()).contains(reason).doesNotContain("\tat ");
        assertThat(run.exitCode()).as(command).isEqualTo(exitCode);
    }

    @Test
    void aBusyDaemonIsNeverCalledDamaged()
            throws IOException, ExecutionException, InterruptedException {
        engine.close();
        engine = new FolderEngine(folder.resolve("busy"), Duration.ofMillis(5));
        Volume busy = engine.create("vol1", new DataSize(BYTES));
        var writer =
                new FutureTask<>(() -> {
                    for (int i = 0; i < 40; i++) {
                        change(busy, 50);
                    }
                    return busy.info().lastLsn();
                });
        Thread.ofPlatform().start(writer);
        int answers = 0;
        Path data = folder.resolve("busy");
        while (!writer.isDone()) {
            for (String command : List.of("inspect volume vol1", WHOLE, "inspect wal")) {
                Run run = offline(data, command);
                assertThat(run.exitCode()).as(run.err()).isIn(0, 4);
                answers += run.exitCode() == 0 ? 1 : 0;
            }
        }
        assertThat(writer.get()).isGreaterThan(1000);
        assertThat(answers).isPositive();
    }
}
