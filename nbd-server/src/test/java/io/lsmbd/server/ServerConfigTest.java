package io.lsmbd.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.admin.AdminConfig;
import io.lsmbd.admin.api.CompressionText;
import io.lsmbd.admin.api.Durability;
import io.lsmbd.config.ConfigException;
import io.lsmbd.config.ConfigLoader.Sources;
import io.lsmbd.config.ConfigReference;
import io.lsmbd.config.Given;
import io.lsmbd.config.ListenAddress;
import io.lsmbd.config.Origin;
import io.lsmbd.model.DataSize;
import io.lsmbd.nbd.Transport;
import io.lsmbd.nbd.tls.TlsVersion;
import io.lsmbd.objectstore.decorator.StorePrices;
import io.lsmbd.objectstore.fault.FaultRule;
import io.lsmbd.volume.VolumesConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerConfigTest {
    private static final Path PAGE = Path.of("../docs/configuration.md");

    private static ServerConfig load(Map<String, String> flags) throws ConfigException {
        Map<String, Given> given = new java.util.HashMap<>();
        flags.forEach((key, text) -> given.put(key, new Given(text, new Origin.Flag(key))));
        return ServerConfig.loader().load(new Sources(Map.of(), null, Map.of(), given)).config();
    }

    @Test
    void theseAreTheDefaults() {
        assertThat(ServerConfig.loader().defaults())
                .isEqualTo(
                        new ServerConfig(
                                new DataSection(Path.of("/var/lib/lsmbd")),
                                new StoreSection(
                                        "auto",
                                        StoreSection.Fencing.REQUIRED,
                                        StoreSection.Hedge.AUTO,
                                        5,
                                        Duration.ofHours(1)),
                                new MemorySection(DataSize.ofGibibytes(1)),
                                new WalSection(
                                        DataSize.ofGibibytes(8),
                                        DataSize.ofMebibytes(64),
                                        Duration.ofSeconds(1)),
                                new UploadSection(
                                        DataSize.ofMebibytes(32), Duration.ofSeconds(10), 4),
                                new VolumeSection(new CompressionText("lz4"), Durability.LOCAL),
                                new CacheSection(DataSize.ofGibibytes(4)),
                                new CheckpointSection(64),
                                new RecoverySection(
                                        VolumesConfig.OnPossibleLoss.SERVE, Duration.ofSeconds(10)),
                                new NbdSection(
                                        List.of(new ListenAddress("127.0.0.1", 10809)),
                                        "auto",
                                        Transport.AUTO,
                                        0,
                                        NbdSection.Tls.OFF,
                                        NbdSection.Plaintext.LOOPBACK),
                                new TlsSection(
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        List.of(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3),
                                        Duration.ofSeconds(10)),
                                new AccessSection(List.of()),
                                new LimitsSection(
                                        1024,
                                        512,
                                        256,
                                        Duration.ofSeconds(30),
                                        Duration.ofSeconds(10),
                                        256,
                                        new DataSize(64 << 10),
                                        new InFlightSection(
                                                256,
                                                DataSize.ofMebibytes(64),
                                                4096,
                                                Optional.empty(),
                                                Duration.ofMinutes(1),
                                                Duration.ofMinutes(1))),
                                new AdminConfig(
                                        new ListenAddress("127.0.0.1", 10810), List.of(), 64),
                                new CostSection(
                                        "USD",
                                        new StorePrices(0.005 / 1000, 0.0004 / 1000, 0, 0, 0.023)),
                                new LogSection(LogSection.Level.INFO, LogSection.Format.TEXT),
                                new ShutdownSection(Duration.ofSeconds(10), Duration.ofSeconds(60)),
                                new DebugSection(DebugSection.Enabled.FALSE, List.of(), 1)));
    }

    /** After a change of keys: ./dev lsmbd config reference --markdown > docs/configuration.md */
    @Test
    void thePageAboutTheConfigurationIsMadeFromTheRecords() throws IOException {
        assertThat(Files.readString(PAGE))
                .isEqualTo(ConfigReference.markdown(ServerConfig.loader().settings()));
    }

    @Test
    void theReferenceIsAFileThatLoadsToTheDefaults(@TempDir Path folder)
            throws IOException, ConfigException {
        var loader = ServerConfig.loader();
        String reference = ConfigReference.toml(loader.settings());
        Path file =
                Files.writeString(
                        folder.resolve("all.toml"), reference.replaceAll("(?m)^#(?! )", ""));
        var loaded = loader.load(new Sources(Map.of(), file, Map.of(), Map.of()));
        assertThat(loaded.config()).isEqualTo(loader.defaults());
        assertThat(loaded.values())
                .allMatch(value ->
                        value.value().origin() instanceof Origin.File
                                || value.value().origin() instanceof Origin.Derived);
    }

    @ParameterizedTest
    @CsvSource({
        "upload.parallel, 0",
        "upload.segment-size, 1KiB",
        "upload.max-age, 2h",
        "wal.budget, 200MiB",
        "wal.file-size, 3GiB",
        "memory.budget, 255MiB",
        "memory.budget, 1MiB",
        "nbd.transport, carrier-pigeon",
        "nbd.threads, many",
        "nbd.listen, 10809",
        "nbd.listen, 0.0.0.0:10809",
        "nbd.listen, '127.0.0.1:1,[::]:1'",
        "nbd.listen, storage.example.org:1",
        "nbd.tls, on",
        "nbd.tls, required",
        "nbd.tls, yes",
        "nbd.plaintext, never",
        "tls.versions, 1.1",
        "tls.versions, ''",
        "tls.certificate, a.pem",
        "tls.check-interval, 1ms",
        "access.allow, volumes=* cn=a read-only",
        "access.allow, volumes=a",
        "access.allow, volumes=a read-only; volumes=b",
        "limits.connections, 0",
        "limits.connections-per-address, 0",
        "limits.handshakes, 0",
        "limits.handshake-time, 10ms",
        "limits.option-time, 2h",
        "limits.options, 0",
        "limits.option-data, 1KiB",
        "volume.compression, zstd:99",
        "cost.get, -1",
        "cost.put, cheap",
        "volume.durability, maybe",
        "admin.max-connections, 1",
        "checkpoint.every-segments, 0",
        "log.level, loud",
        "debug.fault, latancy ms=20",
        "store.hedge, maybe",
        "store.hedge-percent, 0",
        "debug.fault, slow-down",
        "debug.enabled, on",
    })
    void aValueThatMakesNoSenseIsRefusedAndItsKeyNamed(String key, String value) {
        assertThatThrownBy(() -> load(Map.of(key, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(key.startsWith("tls.cert") ? "[tls]" : key);
    }

    @Test
    void requestsAreSentTwiceOnlyAcrossANetworkUnlessAskedTo() throws ConfigException {
        assertThat(load(Map.of()).store().hedges()).isEmpty();
        var s3 = load(Map.of("store.url", "s3://bucket/prefix", "store.hedge-percent", "20"));
        assertThat(s3.store().hedges().orElseThrow().share()).isEqualTo(0.2);
        assertThat(load(Map.of("store.hedge", "on")).store().hedges()).isPresent();
        var off = load(Map.of("store.url", "s3://bucket/prefix", "store.hedge", "off"));
        assertThat(off.store().hedges()).isEmpty();
    }

    @Test
    void faultsAreForThoseWhoSaySo() throws ConfigException {
        String rules = "latency op=put ms=20, slow-down area=segments p=0.5";
        assertThatThrownBy(() -> load(Map.of("debug.fault", rules)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("it needs debug.enabled = true");
        DebugSection debug = load(Map.of("debug.fault", rules, "debug.enabled", "true")).debug();
        assertThat(debug.faults())
                .extracting(FaultRule::text)
                .containsExactly("latency op=put ms=20", "slow-down area=segments p=0.5");
    }

    @Test
    void plaintextForOtherHostsNeedsAnExplicitWord() throws ConfigException {
        var open = Map.of("nbd.listen", "0.0.0.0:10809");
        assertThatThrownBy(() -> load(open))
                .hasMessageContaining("nbd.listen 0.0.0.0:10809")
                .hasMessageContaining("nbd.tls = \"required\"")
                .hasMessageContaining("nbd.plaintext = \"anywhere\"");
        Map<String, String> given = new java.util.HashMap<>(open);
        given.put("nbd.plaintext", "anywhere");
        assertThat(load(given).nbd().tlsConfig(load(given).tls())).isEmpty();
        given.put("nbd.plaintext", "loopback");
        given.put("tls.certificate", "a.pem");
        given.put("tls.key", "b.pem");
        given.put("nbd.tls", "on");
        assertThatThrownBy(() -> load(given)).hasMessageContaining("nbd.plaintext = \"anywhere\"");
        given.put("nbd.tls", "required");
        assertThat(load(given).nbd().tlsConfig(load(given).tls())).isPresent();
    }

    @Test
    void loopbackNeedsNoTls() throws ConfigException {
        for (String address : List.of("127.8.8.8:1", "[::1]:1", "localhost:1")) {
            assertThat(load(Map.of("nbd.listen", address)).nbd().listen()).hasSize(1);
        }
    }

    @Test
    void thePartsOfTheMemoryPlanAddUpToTheBudget() throws ConfigException {
        for (String budget : List.of("256MiB", "384MiB", "700MiB", "1GiB", "4GiB", "64GiB")) {
            var plan = load(Map.of("memory.budget", budget)).memoryPlan();
            assertThat(plan.total()).isEqualTo(DataSize.parse(budget));
        }
    }

    @Test
    void heapAndNetworkBuffersFitIntoTheHalvesThatTheStartScriptGives() throws ConfigException {
        for (String budget : List.of("256MiB", "384MiB", "700MiB", "1GiB", "4GiB", "64GiB")) {
            var plan = load(Map.of("memory.budget", budget)).memoryPlan();
            long half = (DataSize.parse(budget).bytes() - plan.jvm().bytes()) / 2;
            assertThat(plan.heap().bytes()).isBetween(1L, half);
            assertThat(plan.network().bytes()).isBetween(1L, half);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "256MiB, 8MiB, 2",
        "384MiB, 16MiB, 2",
        "512MiB, 16MiB, 2",
        "700MiB, 32MiB, 2",
        "1000MiB, 32MiB, 4",
        "1GiB, 32MiB, 4",
        "64GiB, 32MiB, 4",
    })
    void segmentsAreAsManyAndAsLargeAsTheBudgetAllows(String budget, String size, int parallel)
            throws ConfigException {
        UploadSection upload = load(Map.of("memory.budget", budget)).upload();
        assertThat(upload.segmentSize()).isEqualTo(DataSize.parse(size));
        assertThat(upload.parallel()).isEqualTo(parallel);
    }

    @Test
    void whatIsGivenStaysAndTheRestIsDerivedFromIt() throws ConfigException {
        var small = Map.of("memory.budget", "512MiB", "upload.segment-size", "64MiB");
        assertThat(load(small).upload().parallel()).isEqualTo(1);
        assertThat(load(Map.of("upload.parallel", "13")).upload().segmentSize())
                .isEqualTo(DataSize.ofMebibytes(8));
        assertThat(load(Map.of("wal.budget", "256MiB")).upload().parallel()).isEqualTo(2);
    }

    @Test
    void aDerivedValueNamesWhatItComesFrom() throws ConfigException {
        var loaded = ServerConfig.loader().load(new Sources(Map.of(), null, Map.of(), Map.of()));
        assertThat(loaded.values())
                .extracting(v -> "%s %s".formatted(v.setting().key(), v.value()))
                .anyMatch(text ->
                        text.startsWith("upload.parallel ")
                                && text.contains("text=4")
                                && text.contains("derived from memory.budget, wal.budget"));
    }

    @Test
    void whatDoesNotFitAndWasGivenIsRefused() {
        var many = Map.of("upload.parallel", "13", "upload.segment-size", "32MiB");
        assertThatThrownBy(() -> load(many))
                .hasMessageContaining("memory.budget (1 GiB) is too small");
        var log =
                Map.of(
                        "upload.parallel", "8",
                        "upload.segment-size", "16MiB",
                        "wal.budget", "256MiB");
        assertThatThrownBy(() -> load(log)).hasMessageContaining("wal.budget (256 MiB) must");
    }

    /** The configuration is logged and shown, so the key may not become a part of it. */
    @Test
    void anAddressWithAKeyInItIsRefusedWithoutRepeatingIt() {
        for (String url : List.of("s3://id:canary@bucket", "s3://id:ca/canary@bucket/x")) {
            assertThatThrownBy(() -> load(Map.of("store.url", url)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("no keys in the address")
                    .hasMessageNotContaining("canary");
        }
    }

    @Test
    void aStoreIsAFolderBelowTheDataUnlessSaid() throws ConfigException {
        var data = new DataSection(Path.of("/d"));
        assertThat(load(Map.of()).store().location(data)).isEqualTo("/d/store");
        assertThat(load(Map.of("store.url", "file:///s")).store().location(data))
                .isEqualTo("file:///s");
    }
}
