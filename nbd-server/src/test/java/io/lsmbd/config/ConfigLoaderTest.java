package io.lsmbd.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.config.ConfigLoader.Loaded;
import io.lsmbd.config.ConfigLoader.Sources;
import io.lsmbd.model.DataSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
    @TempDir Path folder;

    /** A component with a key of each type. */
    record Sample(DataSize budget, Duration maxAge, List<String> listen, int parallel) {
        Sample {
            if (parallel < 1) {
                throw new IllegalArgumentException("upload.parallel is " + parallel);
            }
        }

        static Sample read(Settings in) {
            return new Sample(
                    in.size("wal.budget", "8GiB", "Space."),
                    in.duration("upload.max-age", "10s", "Age."),
                    in.list("nbd.listen", "127.0.0.1:1", "Where.", text -> text),
                    in.integer("upload.parallel", "4", "How many."));
        }
    }

    private final ConfigLoader<Sample> loader = new ConfigLoader<>(Sample::read);

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("lsmbd.toml"), text);
    }

    private Loaded<Sample> fromFile(String text) throws IOException, ConfigException {
        return loader.load(new Sources(Map.of(), file(text), Map.of(), Map.of()));
    }

    private static Map<String, Given> flag(String key, String value) {
        return Map.of(key, new Given(value, new Origin.Flag("--" + key)));
    }

    @Test
    void withoutAnythingGivenDefaultsHold() throws ConfigException {
        var loaded = loader.load(new Sources(Map.of(), null, Map.of("HOME", "/x"), Map.of()));
        assertThat(loaded.config()).isEqualTo(loader.defaults());
        assertThat(loaded.config().budget()).isEqualTo(DataSize.ofGibibytes(8));
    }

    @Test
    void laterSourcesWinOverEarlierOnes() throws ConfigException, IOException {
        Map<String, Given> preset =
                Map.of("wal.budget", new Given("1GiB", new Origin.Preset("lsmbd dev")));
        Path file = file("[wal]\nbudget = \"2GiB\"\n");
        Map<String, String> environment = Map.of("LSMBD_WAL_BUDGET", "3GiB");
        Map<String, Given> flags = flag("wal.budget", "4GiB");

        assertThat(budget(new Sources(preset, null, Map.of(), Map.of()))).isEqualTo("1 GiB");
        assertThat(budget(new Sources(preset, file, Map.of(), Map.of()))).isEqualTo("2 GiB");
        assertThat(budget(new Sources(preset, file, environment, Map.of()))).isEqualTo("3 GiB");
        assertThat(budget(new Sources(preset, file, environment, flags))).isEqualTo("4 GiB");
    }

    private String budget(Sources sources) throws ConfigException {
        return loader.load(sources).config().budget().toString();
    }

    @Test
    void everyValueKnowsWhereItCameFrom() throws ConfigException, IOException {
        Path file = file("# mine\n[wal]\nbudget = \"2GiB\"\n[upload]\nparallel = 2\n");
        var loaded =
                loader.load(
                        new Sources(
                                Map.of(),
                                file,
                                Map.of("LSMBD_UPLOAD_MAX_AGE", "1m"),
                                flag("nbd.listen", "[::1]:9,a:8")));
        assertThat(loaded.values())
                .extracting(v -> v.setting().key() + " " + v.value().origin())
                .containsExactly(
                        "wal.budget " + file + ":3",
                        "upload.max-age $LSMBD_UPLOAD_MAX_AGE",
                        "nbd.listen --nbd.listen",
                        "upload.parallel " + file + ":5");
        assertThat(loaded.config().listen()).containsExactly("[::1]:9", "a:8");
    }

    @Test
    void anUnknownKeyFailsWithFileLineAndTheNearestKey() {
        assertThatThrownBy(() -> fromFile("\n[wal]\nbuget = \"2GiB\"\n"))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "%s:3: unknown key \"wal.buget\"; did you mean \"wal.budget\"?"
                                .formatted(folder.resolve("lsmbd.toml")));
    }

    @Test
    void allUnknownKeysAreReportedAtOnce() {
        assertThatThrownBy(() -> fromFile("wal.bugdet = 1\n\"upload\".max_age = 1\n"))
                .hasMessageContaining(":1: unknown key \"wal.bugdet\"")
                .hasMessageContaining(":2: unknown key \"upload.max_age\"");
    }

    @Test
    void aKeyLikeNoOtherPointsToTheReference() {
        assertThatThrownBy(() -> fromFile("[zzzzzzzz]\nqqqqqqqqqqqqqqqqqq = 1\n"))
                .hasMessageContaining("config reference");
    }

    @Test
    void aBadValueNamesItsLineAndHowToWriteIt() {
        assertThatThrownBy(() -> fromFile("[upload]\n\nmax-age = \"5 parsecs\"\n"))
                .hasMessageContaining("lsmbd.toml:3: upload.max-age: not a duration")
                .hasMessageContaining("500ms");
    }

    @Test
    void aCrossCheckOfARecordIsAnErrorForTheUser() {
        assertThatThrownBy(() -> fromFile("[upload]\nparallel = 0\n"))
                .isInstanceOf(ConfigException.class)
                .hasMessage("upload.parallel is 0");
    }

    @Test
    void brokenTomlFailsWithItsLine() {
        assertThatThrownBy(() -> fromFile("[wal]\nbudget = \n"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("lsmbd.toml:2: not TOML");
    }

    @Test
    void aMissingFileIsToldInOneLine() {
        assertThatThrownBy(() ->
                        loader.load(
                                new Sources(
                                        Map.of(), folder.resolve("no.toml"), Map.of(), Map.of())))
                .hasMessageEndingWith("no.toml: no such file");
    }

    @Test
    void aTomlArrayIsAList() throws ConfigException, IOException {
        assertThat(fromFile("[nbd]\nlisten = [\"a:1\", \"b:2\"]\n").config().listen())
                .containsExactly("a:1", "b:2");
    }

    @Test
    void anUnknownVariableFailsWithTheNearest() {
        assertThatThrownBy(() ->
                        loader.load(
                                new Sources(
                                        Map.of(),
                                        null,
                                        Map.of("LSMBD_WAL_BUDGE", "1GiB"),
                                        Map.of())))
                .hasMessage(
                        "unknown environment variable LSMBD_WAL_BUDGE;"
                                + " did you mean \"LSMBD_WAL_BUDGET\"?");
    }

    @Test
    void variablesOfKubernetesServicesAreNoSettings() throws ConfigException {
        Map<String, String> injected =
                Map.of(
                        "LSMBD_SERVICE_HOST", "10.0.0.1",
                        "LSMBD_SERVICE_PORT", "10809",
                        "LSMBD_PORT", "tcp://10.0.0.1:10809",
                        "LSMBD_PORT_10809_TCP_ADDR", "10.0.0.1");
        assertThat(loader.load(new Sources(Map.of(), null, injected, Map.of())).config())
                .isEqualTo(loader.defaults());
    }
}
