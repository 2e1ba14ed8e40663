package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.decorator.RetryConfig;
import io.lsmbd.objectstore.decorator.RetryingObjectStore;
import io.lsmbd.objectstore.probe.CheckResult;
import io.lsmbd.objectstore.probe.ProbeConfig;
import io.lsmbd.objectstore.probe.ProbeListener;
import io.lsmbd.objectstore.probe.ProbeReport;
import io.lsmbd.objectstore.probe.StoreProbe;
import io.lsmbd.objectstore.probe.Verdict;
import io.lsmbd.objectstore.s3.S3Address;
import io.lsmbd.objectstore.s3.S3ObjectStore;
import io.lsmbd.objectstore.url.ObjectStores;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The probe over HTTP. What it finds of broken stores, {@link StoreProbeTest} shows. */
class StoreProbeS3Test {
    private final TestEnvironment environment = new TestEnvironment("boot");

    @BeforeAll
    static void provideCredentials() {
        S3Server.provideCredentials();
    }

    @AfterAll
    static void withdrawCredentials() {
        S3Server.withdrawCredentials();
    }

    private ProbeReport probe() throws IOException {
        var retries =
                new RetryConfig(
                        Duration.ofSeconds(2), Duration.ofMillis(50), Duration.ofSeconds(1));
        var config = new ProbeConfig(16, 5, Duration.ofSeconds(60));
        try (S3Server server = S3Server.start(S3Server.Races.SAFE);
                ObjectStore bare = S3ObjectStore.open(S3Address.parse(server.address("probe")))) {
            var store = new RetryingObjectStore(bare, environment, retries);
            ProbeReport report =
                    new StoreProbe(store, environment, config).run(ProbeListener.none());
            assertThat(store.list("", null, 10).objects()).isEmpty();
            return report;
        }
    }

    /** S3Proxy knows no settings of buckets but that nothing is versioned. */
    @Test
    void settingsThatTheServerDoesNotTellAreNotSeen() throws IOException {
        try (S3Server server = S3Server.start(S3Server.Races.SAFE)) {
            List<CheckResult> results = ObjectStores.review(server.address("review"), environment);
            assertThat(results)
                    .extracting(CheckResult::name)
                    .containsExactly(
                            "versioning", "lifecycle", "object-lock", "storage-class", "checksums");
            assertThat(results)
                    .extracting(CheckResult::verdict)
                    .containsExactly(
                            Verdict.OK, Verdict.SKIPPED, Verdict.SKIPPED, Verdict.OK, Verdict.OK);
            assertThat(ObjectStores.review("mem:", environment)).isEmpty();
            try (ObjectStore store = ObjectStores.open(server.address("review"), environment)) {
                assertThat(store.list("", null, 10).objects()).isEmpty();
            }
        }
    }

    @Test
    void aServerWithOneWinnerEachPasses() throws IOException {
        ProbeReport report = probe();
        assertThat(report.hasPassed()).as("%s", report.checks()).isTrue();
        assertThat(report.hasConditionalWrites()).isTrue();
    }
}
