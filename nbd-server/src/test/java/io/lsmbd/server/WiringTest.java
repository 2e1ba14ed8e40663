package io.lsmbd.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.lsmbd.admin.api.ApiJson;
import io.lsmbd.admin.api.CreateVolume;
import io.lsmbd.commandline.CommandNames;
import io.lsmbd.config.ConfigException;
import io.lsmbd.config.ConfigLoader.Sources;
import io.lsmbd.config.Given;
import io.lsmbd.config.Origin;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.error.StorageException;
import io.lsmbd.nbd.wire.NbdError;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.probe.CheckResult;
import io.lsmbd.objectstore.probe.ProbeMemory;
import io.lsmbd.objectstore.probe.ProbeReport;
import io.lsmbd.objectstore.probe.StoreProbe;
import io.lsmbd.objectstore.probe.Verdict;
import io.lsmbd.objectstore.url.ObjectStores;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole daemon in this process, on a folder of its own and free ports. */
class WiringTest {
    private static final List<CreateVolume> VOL1 =
            List.of(new CreateVolume("vol1", 1L << 30, null, null));

    @TempDir Path folder;
    private final AtomicReference<Throwable> death = new AtomicReference<>();
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void nothingDied() {
        client.close();
        assertThat(death).hasNullValue();
    }

    private Wiring wiring(Map<String, String> more) throws ConfigException, StartException {
        Map<String, String> settings = new HashMap<>();
        settings.put("data.dir", folder.resolve("data").toString());
        settings.put("nbd.listen", "127.0.0.1:0");
        settings.put("admin.listen", "127.0.0.1:0");
        settings.put("upload.segment-size", "1MiB");
        settings.put("wal.file-size", "16MiB");
        settings.put("wal.budget", "256MiB");
        settings.put("cache.disk-size", "16MiB");
        settings.putAll(more);
        Map<String, Given> flags = new HashMap<>();
        settings.forEach((key, text) -> flags.put(key, new Given(text, new Origin.Flag(key))));
        var config = ServerConfig.loader().load(new Sources(Map.of(), null, Map.of(), flags));
        return Wiring.of(config.config(), new SystemEnvironment((_, e) -> death.set(e)), Map.of());
    }

    private HttpResponse<String> send(
            Wiring.Running daemon, String method, String path, String body)
            throws IOException, InterruptedException {
        String authority = ReadyText.hostPort(daemon.addresses().admin());
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://" + authority + path))
                        .header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofString(body))
                        .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private String get(Wiring.Running daemon, String path)
            throws IOException, InterruptedException {
        var response = send(daemon, "GET", path, "");
        assertThat(response.statusCode()).as("%s: %s", path, response.body()).isEqualTo(200);
        return response.body();
    }

    private JsonNode json(Wiring.Running daemon, String path)
            throws IOException, InterruptedException {
        return ApiJson.strict().readTree(get(daemon, path));
    }

    @Test
    void aNewDaemonServesItsVolumeAndTellsOfIt()
            throws ConfigException, StartException, IOException, InterruptedException {
        try (Wiring wiring = wiring(Map.of())) {
            Wiring.Running daemon = wiring.start(VOL1);
            assertThat(get(daemon, "/readyz")).isEqualTo("ready\n");
            assertThat(get(daemon, "/metrics"))
                    .contains("lsmbd_volume_size_bytes{volume=\"vol1\"} 1.073741824E9")
                    .contains("lsmbd_volume_failed{volume=\"vol1\"} 0.0")
                    .contains("lsmbd_wal_synced_bytes", "lsmbd_store_requests_total")
                    .contains("lsmbd_unuploaded_limit_bytes", "process_resident_memory_bytes");
            assertThat(json(daemon, "/v1/status").at("/volumes/0/state").asText())
                    .isEqualTo("online");
            var nbd = daemon.addresses().nbd().getFirst();
            try (Socket socket = new Socket(nbd.getAddress(), nbd.getPort())) {
                byte[] greeting = socket.getInputStream().readNBytes(8);
                assertThat(new String(greeting, StandardCharsets.US_ASCII)).isEqualTo("NBDMAGIC");
            }
            assertThat(
                            ReadyText.of(
                                    daemon.admin().status(),
                                    daemon.addresses(),
                                    CommandNames.INSTALLED))
                    .contains("/vol1\n", "nbd.sock");
        }
    }

    @Test
    void anyNumberMayScrapeAtOnce()
            throws ConfigException, StartException, ExecutionException, InterruptedException {
        try (Wiring wiring = wiring(Map.of());
                var scrapers = Executors.newVirtualThreadPerTaskExecutor()) {
            Wiring.Running daemon = wiring.start(VOL1);
            List<Future<String>> scrapes = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                scrapes.add(scrapers.submit(() -> get(daemon, "/metrics")));
            }
            for (Future<String> scrape : scrapes) {
                assertThat(scrape.get()).contains("lsmbd_volume_size_bytes{volume=\"vol1\"}");
            }
        }
    }

    @Test
    void everyInspectionWorksOnTheRealEngine()
            throws ConfigException, StartException, IOException, InterruptedException {
        try (Wiring wiring = wiring(Map.of())) {
            Wiring.Running daemon = wiring.start(VOL1);
            assertThat(json(daemon, "/v1/inspect/store").at("/volumes/0/segments").asLong())
                    .isEqualTo(1);
            assertThat(json(daemon, "/v1/inspect/wal").at("/lags/0/volume").asText())
                    .isEqualTo("vol1");
            assertThat(json(daemon, "/v1/inspect/volumes/vol1").get("epoch").asLong()).isEqualTo(1);
            assertThat(json(daemon, "/v1/inspect/volumes/vol1/lba?offset=512&length=8192"))
                    .isEqualTo(
                            ApiJson.strict()
                                    .readTree(
                                            """
                                            {"volume":"vol1","runs":[
                                             {"offset":512,"length":8192,"where":"hole",
                                              "detail":""}]}
                                            """));
            JsonNode fence = json(daemon, "/v1/inspect/volumes/vol1/segments/1?check=frames");
            assertThat(fence.at("/verified/problems")).isEmpty();
            assertThat(send(daemon, "GET", "/v1/inspect/volumes/vol1/segments/2", "").statusCode())
                    .isEqualTo(404);
            assertThat(
                            send(
                                            daemon,
                                            "GET",
                                            "/v1/inspect/volumes/vol1/lba?offset=1073741824",
                                            "")
                                    .statusCode())
                    .isEqualTo(400);
        }
    }

    @Test
    void volumesOutliveTheDaemonUntilTheyAreDeleted()
            throws ConfigException, StartException, IOException, InterruptedException {
        Wiring first = wiring(Map.of());
        try (first) {
            Wiring.Running daemon = first.start(VOL1);
            String body =
                    "{\"name\":\"vol2\",\"sizeBytes\":512,\"compression\":\"zstd:3\","
                            + "\"durability\":\"object\"}";
            assertThat(send(daemon, "POST", "/v1/volumes", body).statusCode()).isEqualTo(201);
            assertThat(send(daemon, "POST", "/v1/volumes", body).statusCode()).isEqualTo(409);
            assertThat(send(daemon, "DELETE", "/v1/volumes/vol1", "").statusCode()).isEqualTo(204);
        }
        assertThat(first.isCleanlyClosed()).isTrue();
        try (Wiring second = wiring(Map.of())) {
            JsonNode volumes = json(second.start(List.of()), "/v1/volumes").get("volumes");
            assertThat(volumes).hasSize(1);
            assertThat(volumes.at("/0/name").asText()).isEqualTo("vol2");
            assertThat(volumes.at("/0/compression").asText()).isEqualTo("zstd:3");
            assertThat(volumes.at("/0/durability").asText()).isEqualTo("object");
        }
    }

    @Test
    void aVolumeWithAClientStaysUntilTheClientIsCutOff()
            throws ConfigException, StartException, IOException, InterruptedException {
        try (Wiring wiring = wiring(Map.of())) {
            Wiring.Running daemon = wiring.start(VOL1);
            try (var client = new DiskClient(daemon.addresses().nbd().getFirst(), "vol1")) {
                client.flush();
                assertThat(get(daemon, "/metrics"))
                        .contains("\nlsmbd_nbd_connections 1.0\n")
                        .contains("\nlsmbd_nbd_connections_total 1.0\n")
                        .contains("# TYPE lsmbd_nbd_connections_total counter\n")
                        .doesNotContain("_total_total");
                assertThat(json(daemon, "/v1/volumes/vol1").get("clients").asInt()).isEqualTo(1);
                var refused = send(daemon, "DELETE", "/v1/volumes/vol1", "");
                assertThat(refused.statusCode()).isEqualTo(409);
                assertThat(refused.body()).contains("volume vol1 has 1 client connection\"");
                var deleted = send(daemon, "DELETE", "/v1/volumes/vol1?clients=cut-off", "");
                assertThat(deleted.statusCode()).isEqualTo(204);
                assertThat(client.isAtEnd()).isTrue();
            }
            assertThat(json(daemon, "/v1/volumes").get("volumes")).isEmpty();
        }
    }

    @Test
    void clientsOfAVolumeThatGrowsGoOnWithTheirSizeAndNewOnesSeeTheLarger()
            throws ConfigException, StartException, IOException, InterruptedException {
        try (Wiring wiring = wiring(Map.of())) {
            Wiring.Running daemon = wiring.start(VOL1);
            var nbd = daemon.addresses().nbd().getFirst();
            byte[] data = "something to remember ....".repeat(20).substring(0, 512).getBytes(UTF_8);
            try (var before = new DiskClient(nbd, "vol1")) {
                before.write(0, data);
                assertThat(resize(daemon, 2L << 30, "if-harmless").statusCode()).isEqualTo(200);
                assertThat(before.tryWrite(1L << 30, data)).isEqualTo(NbdError.ENOSPC.code());
                try (var since = new DiskClient(nbd, "vol1")) {
                    assertThat(since.sizeBytes()).isEqualTo(2L << 30);
                    since.write((2L << 30) - 512, data);
                    assertThat(since.read(0, 512)).isEqualTo(data);
                    before.write(512, data);
                    assertThat(since.read(512, 512)).isEqualTo(data);
                }
                assertThat(json(daemon, "/v1/volumes/vol1").get("sizeBytes").asLong())
                        .isEqualTo(2L << 30);
                assertThat(get(daemon, "/metrics"))
                        .contains("lsmbd_volume_size_bytes{volume=\"vol1\"} 2.147483648E9");
            }
        }
    }

    @Test
    void aVolumeShrinksUnderItsClientsOnlyByForceAndThenTheyAreCutOff()
            throws ConfigException, StartException, IOException, InterruptedException {
        try (Wiring wiring = wiring(Map.of())) {
            Wiring.Running daemon = wiring.start(VOL1);
            var nbd = daemon.addresses().nbd().getFirst();
            try (var client = new DiskClient(nbd, "vol1")) {
                client.write(1 << 20, new byte[512]);
                var refused = resize(daemon, 1 << 20, "if-harmless");
                assertThat(refused.statusCode()).isEqualTo(409);
                assertThat(refused.body()).contains("volume vol1 has 1 client connection\"");
                client.flush();
                assertThat(resize(daemon, 1 << 20, "forced").statusCode()).isEqualTo(200);
                assertThat(client.isAtEnd()).isTrue();
            }
            try (var client = new DiskClient(nbd, "vol1")) {
                assertThat(client.sizeBytes()).isEqualTo(1 << 20);
                client.write(0, new byte[512]);
            }
        }
    }

    private HttpResponse<String> resize(Wiring.Running daemon, long size, String shrink)
            throws IOException, InterruptedException {
        return send(
                daemon,
                "POST",
                "/v1/volumes/vol1/resize",
                "{\"sizeBytes\":%d,\"shrink\":\"%s\"}".formatted(size, shrink));
    }

    @Test
    void aSecondDaemonOnTheSameDataIsRefused() throws ConfigException, StartException {
        try (Wiring first = wiring(Map.of());
                Wiring second = wiring(Map.of())) {
            first.start(List.of());
            assertThatThrownBy(() -> second.start(List.of()))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("in use by another lsmbd");
        }
    }

    @Test
    void aTakenPortIsToldWithItsKey() throws ConfigException, StartException {
        try (Wiring first = wiring(Map.of())) {
            Wiring.Running daemon = first.start(List.of());
            String elsewhere = folder.resolve("other").toString();
            Map<String, String> taken =
                    Map.of(
                            "admin.listen", ReadyText.hostPort(daemon.addresses().admin()),
                            "nbd.listen", ReadyText.hostPort(daemon.addresses().nbd().getFirst()));
            for (Map.Entry<String, String> setting : taken.entrySet()) {
                var settings = Map.of("data.dir", elsewhere, setting.getKey(), setting.getValue());
                try (Wiring second = wiring(settings)) {
                    assertThatThrownBy(() -> second.start(List.of()))
                            .isInstanceOf(StartException.class)
                            .hasMessageStartingWith(setting.getKey() + ": cannot listen on ")
                            .hasMessageContaining("--" + setting.getKey());
                }
            }
        }
    }

    private Path sharedStore(Verdict ofRaces) throws IOException, StorageException {
        Path shared = Files.createDirectories(folder.resolve("shared"));
        var environment = new SystemEnvironment((_, e) -> death.set(e));
        try (ObjectStore store = ObjectStores.open(shared.toString(), environment)) {
            CheckResult races =
                    new CheckResult(StoreProbe.SWAP_RACE, ofRaces, "2 of 9 won", Map.of(), "do");
            new ProbeMemory(store)
                    .remember(
                            new ProbeReport(
                                    ProbeReport.FORMAT,
                                    store.location(),
                                    1_700_000_000_000L,
                                    1,
                                    16,
                                    200,
                                    List.of(races)));
        }
        return shared;
    }

    @Test
    void aStoreThatCannotFenceIsRefusedBeforeAnythingIsWritten()
            throws ConfigException, StartException, IOException, StorageException {
        Path shared = sharedStore(Verdict.FAILED);
        try (Wiring wiring = wiring(Map.of("store.url", shared.toString()))) {
            assertThatThrownBy(() -> wiring.start(VOL1))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("swap-race: 2 of 9 won (tried 2023-11-14T22:13:20Z")
                    .hasMessageContaining("lsmctl doctor")
                    .hasMessageContaining("--unsafe-single-writer");
        }
        assertThat(shared.resolve("volumes")).doesNotExist();
        assertThat(folder.resolve("data/wal")).doesNotExist();
    }

    @Test
    void aStoreThatCannotFenceIsAdmittedByWhoSaysSoAndIsTold()
            throws ConfigException,
                    StartException,
                    IOException,
                    InterruptedException,
                    StorageException {
        Path shared = sharedStore(Verdict.FAILED);
        var settings = Map.of("store.url", shared.toString(), "store.unsafe-single-writer", "true");
        try (Wiring wiring = wiring(settings)) {
            Wiring.Running daemon = wiring.start(VOL1);
            assertThat(get(daemon, "/metrics")).contains("\nlsmbd_store_unsafe 1.0\n");
            JsonNode status = json(daemon, "/v1/status");
            assertThat(status.get("health").asText()).isEqualTo("ok");
            assertThat(status.at("/problems/0").asText())
                    .contains("store.unsafe-single-writer", "second daemon");
        }
    }

    @Test
    void aStoreThatNobodyKnowsIsTriedAndRemembered()
            throws ConfigException,
                    StartException,
                    IOException,
                    InterruptedException,
                    StorageException {
        Path shared = sharedStore(Verdict.SKIPPED);
        try (Wiring wiring = wiring(Map.of("store.url", shared.toString()))) {
            Wiring.Running daemon = wiring.start(VOL1);
            assertThat(get(daemon, "/metrics")).contains("\nlsmbd_store_unsafe 0.0\n");
            assertThat(json(daemon, "/v1/status").get("problems")).isEmpty();
        }
        var environment = new SystemEnvironment((_, e) -> death.set(e));
        try (ObjectStore store = ObjectStores.open(shared.toString(), environment)) {
            ProbeReport report = new ProbeMemory(store).recall().orElseThrow();
            assertThat(report.hasConditionalWrites()).isTrue();
            assertThat(report.rounds()).isEqualTo(5);
            assertThat(store.list("probe/runs/", null, 10).objects()).isEmpty();
        }
    }

    @Test
    void aStoreThatIsNotThereIsNotMade() throws ConfigException, StartException {
        Path absent = folder.resolve("not-mounted");
        try (Wiring wiring = wiring(Map.of("store.url", absent.toString()))) {
            assertThatThrownBy(() -> wiring.start(List.of()))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("mkdir -p " + absent);
        }
        assertThat(absent).doesNotExist();
    }
}
