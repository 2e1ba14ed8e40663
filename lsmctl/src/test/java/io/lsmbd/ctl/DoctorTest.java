package io.lsmbd.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.error.StorageException;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.probe.CheckResult;
import io.lsmbd.objectstore.probe.ProbeMemory;
import io.lsmbd.objectstore.probe.ProbeReport;
import io.lsmbd.objectstore.probe.StoreProbe;
import io.lsmbd.objectstore.probe.Verdict;
import io.lsmbd.objectstore.url.ObjectStores;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code lsmctl doctor} on a folder, sound and not. */
class DoctorTest {
    @TempDir Path folder;

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

    private Run doctor(String... more) {
        return lsmctl(
                Stream.concat(
                                Stream.of("doctor", "--store", folder.toString(), "--rounds", "5"),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    @Test
    void aSoundStoreIsFit() throws StorageException {
        Run run = doctor();
        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .startsWith("store  " + folder.toUri() + "\ntried  16 writers, 5 rounds, ")
                .containsPattern("\\[ok\\] +create-race +5 rounds, exactly one winner each\n")
                .containsPattern("latency +PUT 4 KiB p50 [0-9.]+ ms p99 [0-9.]+ ms, GET ")
                .containsPattern("throughput +PUT [0-9.]+ [GM]iB/s, GET ")
                .containsPattern("\nfit for volumes[^\n]*\n$");
        for (String check : StoreProbe.CHECKS) {
            assertThat(run.out()).contains("  " + check + " ");
        }
        var environment = new SystemEnvironment((_, failure) -> failure.printStackTrace());
        try (ObjectStore store = ObjectStores.open(folder.toString(), environment)) {
            ProbeReport remembered = new ProbeMemory(store).recall().orElseThrow();
            assertThat(remembered.hasConditionalWrites()).isTrue();
            assertThat(remembered.rounds()).isEqualTo(5);
            // Nothing is left of its run.
            assertThat(store.list("probe/runs/", null, 10).objects()).isEmpty();
        }
    }

    @Test
    void programsGetTheFigures() throws IOException {
        Run run = doctor("-o", "json", "--writers", "3");
        assertThat(run.exitCode()).isZero();
        JsonNode json = new ObjectMapper().readTree(run.out());
        assertThat(json.path("passed").asBoolean()).isTrue();
        assertThat(json.path("conditionalWrites").asBoolean()).isTrue();
        assertThat(json.path("remembered").asBoolean()).isTrue();
        JsonNode race = json.path("report").path("checks").path(7);
        assertThat(race.path("name").asText()).isEqualTo("swap-race");
        assertThat(race.path("verdict").asText()).isEqualTo("OK");
        assertThat(race.path("figures").path("writers").asInt()).isEqualTo(3);
        assertThat(race.path("figures").path("counter").asInt()).isEqualTo(5);
    }

    /** Where a folder should be is a file, so that no probe can put anything. */
    @Test
    void aStoreThatTakesNothingIsNotFit() throws IOException {
        Files.writeString(folder.resolve("probe"), "in the way");
        Run run = doctor();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains("[FAIL]  read-after-write")
                .contains("[skip]  create-race        would need read-after-write\n")
                .contains("\nread-after-write: ")
                .endsWith("\nnot fit for volumes: 1 check failed\n");
        assertThat(run.err()).startsWith("lsmctl: this is not remembered in the store: ");
    }

    @Test
    void hintsFollowTheTableAndFitTheScreen() {
        var report =
                new ProbeReport(
                        ProbeReport.FORMAT,
                        "mem:",
                        0,
                        61_000,
                        16,
                        1,
                        List.of(
                                new CheckResult(
                                        "a",
                                        Verdict.FAILED,
                                        "seen",
                                        Map.of(),
                                        "do it " + "at once ".repeat(20)),
                                new CheckResult("b", Verdict.WARNING, "slow", Map.of(), "wait"),
                                new CheckResult("c", Verdict.OK, "fine", Map.of(), "")));
        List<String> lines = Diagnoses.lines(report);
        assertThat(lines)
                .containsSequence(
                        "store  mem:",
                        "tried  16 writers, 1 round, 1m 1s",
                        "",
                        "        CHECK  FOUND",
                        "[FAIL]  a      seen",
                        "[warn]  b      slow",
                        "[ok]    c      fine",
                        "")
                .containsSequence("", "b: wait", "", "not fit for volumes: 1 check failed")
                .allMatch(line -> line.length() <= 80);
    }

    @Test
    void thePolicyIsTheLeastThatIsNeeded() throws IOException {
        Run run = lsmctl("doctor", "--policy", "--store", "s3://bucket/a/b?region=eu-central-1");
        assertThat(run.exitCode()).isZero();
        JsonNode statements = new ObjectMapper().readTree(run.out()).path("Statement");
        assertThat(statements).hasSize(2);
        JsonNode objects = statements.path(0);
        assertThat(objects.path("Resource").asText()).isEqualTo("arn:aws:s3:::bucket/a/b/*");
        assertThat(objects.path("Action").toString())
                .isEqualTo("[\"s3:GetObject\",\"s3:PutObject\",\"s3:DeleteObject\"]");
        JsonNode list = statements.path(1);
        assertThat(list.path("Resource").asText()).isEqualTo("arn:aws:s3:::bucket");
        assertThat(list.path("Condition").toString())
                .isEqualTo("{\"StringLikeIfExists\":{\"s3:prefix\":\"a/b/*\"}}");
    }

    @Test
    void aBucketOfItsOwnIsListedWhole() throws IOException {
        Run run = lsmctl("doctor", "--policy", "--store", "s3://bucket");
        JsonNode statements = new ObjectMapper().readTree(run.out()).path("Statement");
        assertThat(statements.path(0).path("Resource").asText()).isEqualTo("arn:aws:s3:::bucket/*");
        assertThat(statements.path(1).has("Condition")).isFalse();
    }

    @Test
    void aFolderHasNoPolicy() {
        Run run = doctor("--policy");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("there is no policy for " + folder, "read and write");
        assertThat(lsmctl("doctor", "--policy", "--store", "s3://").exitCode()).isEqualTo(2);
    }

    @Test
    void mistakesAreTold() {
        assertThat(lsmctl("doctor").err()).contains("which store? --store URL is missing");
        assertThat(doctor("--writers", "1").err()).contains("2 to 64 writers can race, not 1");
        assertThat(doctor("--writers", "65").exitCode()).isEqualTo(2);
        assertThat(lsmctl("doctor", "--store", folder.toString(), "--rounds", "0").exitCode())
                .isEqualTo(2);
        Path absent = folder.resolve("absent");
        Run run = lsmctl("doctor", "--store", absent.toString());
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("there is no folder " + absent);
        assertThat(absent).doesNotExist();
    }
}
