package io.lsmbd.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.lsmbd.admin.api.ApiJson;
import io.lsmbd.admin.api.CostInfo;
import io.lsmbd.admin.api.VolumeState;
import io.lsmbd.config.ListenAddress;
import io.lsmbd.env.SystemEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Over real HTTP, with volumes in memory. */
class AdminServerTest {
    private static final String CREATE = "{\"name\":\"vol1\",\"sizeBytes\":1073741824}";

    private final MemoryVolumes volumes = new MemoryVolumes();
    private final AtomicReference<List<String>> obstacles = new AtomicReference<>(List.of());
    private final AtomicReference<List<String>> problems = new AtomicReference<>(List.of());
    private final AtomicReference<Throwable> death = new AtomicReference<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicReference<Optional<String>> badFiles =
            new AtomicReference<>(Optional.empty());
    private AdminServer server;

    @BeforeEach
    void open() throws IOException {
        server = open(0);
        server.serve(
                volumes,
                badFiles::get,
                () -> new CostInfo("EUR", 1000, List.of(), 1.5, 4096, 0.25, null));
    }

    private AdminServer open(int port) throws IOException {
        return AdminServer.open(
                new AdminConfig(new ListenAddress("127.0.0.1", port), List.of("disks.example"), 64),
                new SystemEnvironment((_, failure) -> death.set(failure)),
                new Readiness() {
                    @Override
                    public List<String> obstacles() {
                        return obstacles.get();
                    }

                    @Override
                    public List<String> problems() {
                        return problems.get();
                    }
                },
                () -> "lsmbd_up 1\n");
    }

    @AfterEach
    void close() {
        server.close();
        client.close();
        assertThat(death).hasNullValue();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.address().getPort() + path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(to(path));
    }

    private HttpResponse<String> post(String path, String body)
            throws IOException, InterruptedException {
        return send(
                to(path).header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body)));
    }

    private static JsonNode json(HttpResponse<String> response) throws IOException {
        return ApiJson.strict().readTree(response.body());
    }

    @Test
    void theBillIsGivenInItsCurrency() throws IOException, InterruptedException {
        JsonNode cost = json(get("/v1/cost"));
        assertThat(cost.get("currency").asText()).isEqualTo("EUR");
        assertThat(cost.get("cost").asDouble()).isEqualTo(1.5);
        assertThat(cost.has("perMonth")).isFalse();
    }

    @Test
    void livezAnswersAsLongAsTheProcessWorks() throws IOException, InterruptedException {
        obstacles.set(List.of("recovering"));
        assertThat(get("/livez").statusCode()).isEqualTo(200);
    }

    @Test
    void readyzTellsWhatStandsInTheWay() throws IOException, InterruptedException {
        assertThat(get("/readyz").body()).isEqualTo("ready\n");
        obstacles.set(List.of("recovering vol1", "store unreachable"));
        var response = get("/readyz");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).isEqualTo("recovering vol1\nstore unreachable\n");
    }

    @Test
    void whatIsWrongWithTheStoreIsNoReasonToStayAway() throws IOException, InterruptedException {
        problems.set(List.of("the object store is away"));
        var response = get("/readyz");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("ready, degraded\nthe object store is away\n");
    }

    @Test
    void metricsAreTextForPrometheus() throws IOException, InterruptedException {
        var response = get("/metrics");
        assertThat(response.body()).isEqualTo("lsmbd_up 1\n");
        assertThat(response.headers().firstValue("Content-Type"))
                .contains("text/plain; version=0.0.4; charset=utf-8");
    }

    @Test
    void theIndexTellsWhatThereIs() throws IOException, InterruptedException {
        assertThat(get("/").body()).contains("/readyz", "/metrics", "/v1/status");
    }

    @Test
    void headIsGetWithoutABody() throws IOException, InterruptedException {
        var response = send(to("/livez").method("HEAD", BodyPublishers.noBody()));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
    }

    @Test
    void untilVolumesAreThereTheApiSaysThatItIsStarting() throws IOException, InterruptedException {
        try (AdminServer starting = open(0)) {
            server.close();
            server = starting;
            var response = get("/v1/volumes");
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(json(response).get("error").asText()).contains("starting");
        }
    }

    @Test
    void aVolumeIsCreatedListedShownAndDeleted() throws IOException, InterruptedException {
        var created = post("/v1/volumes", CREATE);
        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(json(created).get("state").asText()).isEqualTo("online");
        assertThat(json(get("/v1/volumes")).at("/volumes/0/name").asText()).isEqualTo("vol1");
        assertThat(json(get("/v1/volumes/vol1")).get("sizeBytes").asLong()).isEqualTo(1L << 30);
        assertThat(send(to("/v1/volumes/vol1").DELETE()).statusCode()).isEqualTo(204);
        assertThat(get("/v1/volumes/vol1").statusCode()).isEqualTo(404);
    }

    @Test
    void aNameThatIsTakenIsAConflict() throws IOException, InterruptedException {
        post("/v1/volumes", CREATE);
        var second = post("/v1/volumes", CREATE);
        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(json(second).get("kind").asText()).isEqualTo("refused");
        assertThat(json(second).get("hint").asText()).isNotEmpty();
    }

    @Test
    void aVolumeWithClientsIsDeletedOnlyIfTheyAreCutOff() throws IOException, InterruptedException {
        volumes.put("vol1", VolumeState.ONLINE, null);
        volumes.connect("vol1", 2);
        for (String way : List.of("", "?clients=respect")) {
            var refused = send(to("/v1/volumes/vol1" + way).DELETE());
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(json(refused).get("kind").asText()).isEqualTo("refused");
            assertThat(json(refused).get("hint").asText()).contains("--force");
        }
        assertThat(send(to("/v1/volumes/vol1?clients=all").DELETE()).statusCode()).isEqualTo(400);
        assertThat(json(get("/v1/volumes/vol1")).get("clients").asInt()).isEqualTo(2);
        var deleted = send(to("/v1/volumes/vol1?clients=cut-off").DELETE());
        assertThat(deleted.statusCode()).isEqualTo(204);
        assertThat(volumes.list()).isEmpty();
    }

    @Test
    void aVolumeIsResizedAndShrinksOnlyIfThatIsHarmlessOrForced()
            throws IOException, InterruptedException {
        volumes.put("vol1", VolumeState.ONLINE, null);
        String address = "/v1/volumes/vol1/resize";
        var larger = post(address, "{\"sizeBytes\": 21474836480}");
        assertThat(larger.statusCode()).isEqualTo(200);
        assertThat(json(larger).get("sizeBytes").asLong()).isEqualTo(20L << 30);
        for (String body :
                List.of(
                        "{\"sizeBytes\": 512}",
                        "{\"sizeBytes\": 512, \"shrink\": \"if-harmless\"}")) {
            var refused = post(address, body);
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(json(refused).get("hint").asText()).contains("--force");
        }
        for (String body : List.of("{}", "{\"sizeBytes\": 513}", "{\"sizeBytes\": 0}")) {
            assertThat(post(address, body).statusCode()).as(body).isEqualTo(400);
        }
        var smaller = post(address, "{\"sizeBytes\": 512, \"shrink\": \"forced\"}");
        assertThat(json(smaller).get("sizeBytes").asLong()).isEqualTo(512);
    }

    @Test
    void durabilityAndCompressionAreSetTogetherOrAlone() throws IOException, InterruptedException {
        volumes.put("vol1", VolumeState.ONLINE, null);
        String address = "/v1/volumes/vol1/set";
        var durable = post(address, "{\"durability\": \"object\"}");
        assertThat(durable.statusCode()).isEqualTo(200);
        assertThat(json(durable).get("durability").asText()).isEqualTo("object");
        assertThat(json(durable).get("compression").asText()).isEqualTo("lz4");
        var both = post(address, "{\"durability\": \"local\", \"compression\": \"zstd:3\"}");
        assertThat(json(both).get("durability").asText()).isEqualTo("local");
        assertThat(json(both).get("compression").asText()).isEqualTo("zstd:3");
        for (String body :
                List.of("{}", "{\"durability\": \"maybe\"}", "{\"compression\": \"rar\"}")) {
            assertThat(post(address, body).statusCode()).as(body).isEqualTo(400);
        }
    }

    @Test
    void everyInspectionHasItsAddress() throws IOException, InterruptedException {
        volumes.put("vol1", VolumeState.ONLINE, null);
        for (String path :
                List.of(
                        "/v1/status",
                        "/v1/inspect/store",
                        "/v1/inspect/wal",
                        "/v1/inspect/volumes/vol1",
                        "/v1/inspect/volumes/vol1?segments=all",
                        "/v1/inspect/volumes/vol1/segments/7",
                        "/v1/inspect/volumes/vol1/lba?offset=1024&length=4096")) {
            var response = get(path);
            assertThat(response.statusCode()).as(path).isEqualTo(200);
            assertThat(json(response).isObject()).as(path).isTrue();
        }
    }

    @Test
    void aSegmentIsVerifiedWhenAsked() throws IOException, InterruptedException {
        volumes.put("vol1", VolumeState.ONLINE, null);
        String path = "/v1/inspect/volumes/vol1/segments/7";
        assertThat(json(get(path)).has("verified")).isFalse();
        assertThat(json(get(path + "?check=frames")).at("/verified/bytes").asLong())
                .isEqualTo(70_000);
    }

    @Test
    void damageIsToldApartFromOtherFailures() throws IOException, InterruptedException {
        volumes.put("vol1", VolumeState.ONLINE, null);
        var response = get("/v1/inspect/volumes/vol1/segments/13");
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(json(response).get("kind").asText()).isEqualTo("corrupt");
    }

    @Test
    void reloadingTellsWhatIsWrongWithNewFiles() throws IOException, InterruptedException {
        assertThat(post("/v1/reload", "").statusCode()).isEqualTo(204);
        badFiles.set(Optional.of("tls.key k.pem: there is no such file"));
        var response = post("/v1/reload", "");
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.body()).contains("tls.key k.pem", "the old ones are in use");
    }

    @Test
    void lossIsAcceptedByName() throws IOException, InterruptedException {
        volumes.put("vol1", VolumeState.POSSIBLE_LOSS, "unsynced writes");
        var response = send(to("/v1/volumes/vol1/accept-loss").POST(BodyPublishers.noBody()));
        assertThat(json(response).get("state").asText()).isEqualTo("online");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"name\":\"v\",\"sizeBytes\":512,\"colour\":1} | unknown field \"colour\"",
                "{\"name\":\"v\",\"sizeBytes\":1000}             | multiple of 512",
                "{\"name\":\"v\",\"sizeBytes\":-512}             | multiple of 512",
                "{\"name\":\"v\",\"sizeBytes\":2251799813685248} | at most 1 PiB",
                "{\"name\":\"../x\",\"sizeBytes\":512}           | not a volume name",
                "{\"sizeBytes\":512}                             | name",
                "{\"name\":\"v\"}                                | sizeBytes",
                "{\"name\":\"v\",\"sizeBytes\":\"512\"}          | long",
                "{\"name\":\"v\",\"sizeBytes\":512.5}            | Floating-point",
                "{\"name\":\"v\",\"sizeBytes\":null}             | long",
                "{\"name\":\"v\",\"sizeBytes\":512} x            | not JSON",
                "{\"name\":\"v\",\"name\":\"w\",\"sizeBytes\":512} | Duplicate",
                "{\"name\":\"v\",\"sizeBytes\":512,\"compression\":\"rar\"} | not a compression",
                "{\"name\":\"v\",\"sizeBytes\":512,\"durability\":\"so-so\"} | so-so",
                "[1]                                             | CreateVolume",
            })
    void aBodyThatMakesNoSenseIsRefusedWithItsReason(String body, String reason)
            throws IOException, InterruptedException {
        var response = post("/v1/volumes", body);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).get("error").asText()).contains(reason);
        assertThat(volumes.list()).isEmpty();
    }

    @Test
    void aBodyHasABound() throws IOException, InterruptedException {
        assertThat(post("/v1/volumes", " ".repeat(70_000)).statusCode()).isEqualTo(413);
    }

    @Test
    void aBodyOfAWebFormIsRefused() throws IOException, InterruptedException {
        var form =
                to("/v1/volumes")
                        .header("Content-Type", "text/plain")
                        .POST(BodyPublishers.ofString(CREATE));
        assertThat(send(form).statusCode()).isEqualTo(415);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/inspect/volumes/vol1/lba?offset=100",
                "/v1/inspect/volumes/vol1/lba?length=0",
                "/v1/inspect/volumes/vol1/lba?length=2147483648",
                "/v1/inspect/volumes/vol1/lba?offset=-512",
                "/v1/inspect/volumes/vol1/lba?offset=99999999999999999999",
                "/v1/inspect/volumes/vol1/lba?offset=0&offset=512",
                "/v1/inspect/volumes/vol1/lba?offset=9223372036854775296",
                "/v1/inspect/volumes/vol1/lba?ofset=0",
                "/v1/inspect/volumes/vol1?segments=some",
                "/v1/inspect/volumes/vol1/segments/x",
                "/v1/inspect/volumes/vol1/segments/1?check=some",
                "/v1/inspect/volumes/%2e%2e/segments/1",
                "/v1/status?x=1",
            })
    void aParameterThatMakesNoSenseIsRefused(String path) throws IOException, InterruptedException {
        volumes.put("vol1", VolumeState.ONLINE, null);
        assertThat(get(path).statusCode()).as(path).isEqualTo(400);
    }

    @Test
    void whatIsNotThereIsNotFound() throws IOException, InterruptedException {
        assertThat(get("/nothing").statusCode()).isEqualTo(404);
        assertThat(get("/v1/").statusCode()).isEqualTo(404);
        assertThat(json(get("/v1/volumes/no")).get("kind").asText()).isEqualTo("not-found");
    }

    @Test
    void aWrongMethodLearnsTheRightOnes() throws IOException, InterruptedException {
        var response = send(to("/v1/volumes").DELETE());
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).contains("GET, POST");
    }

    @Test
    void aWebPageOfAnotherSiteIsRefused() throws IOException, InterruptedException {
        var request =
                to("/v1/volumes/vol1/accept-loss")
                        .header("Origin", "http://evil.example")
                        .POST(BodyPublishers.noBody());
        assertThat(send(request).statusCode()).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({
        "evil.example:10810, 403",
        "127.0.0.1.evil.example, 403",
        "localhost:10810, 200",
        "disks.example, 200",
        "[::1]:10810, 200",
    })
    void theHostNameMustBeOurs(String host, int status) throws IOException {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            String request =
                    "GET /v1/status HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            String answer = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).startsWith("HTTP/1.1 " + status);
        }
    }

    @Test
    void aTakenPortIsItsOwnException() {
        assertThatThrownBy(() -> open(server.address().getPort()))
                .isInstanceOf(BindException.class);
    }
}
