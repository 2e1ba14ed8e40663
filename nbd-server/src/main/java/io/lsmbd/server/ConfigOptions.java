package io.lsmbd.server;

import io.lsmbd.config.ConfigException;
import io.lsmbd.config.ConfigLoader;
import io.lsmbd.config.ConfigLoader.Loaded;
import io.lsmbd.config.ConfigLoader.Sources;
import io.lsmbd.config.Given;
import io.lsmbd.config.Origin;
import io.lsmbd.config.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Makes every key of the configuration an option of a command, and loads what was given. */
final class ConfigOptions {
    private static final String FILE = "--config";
    private static final String FILE_VARIABLE = "LSMBD_CONFIG";

    /** Keys that people set often: they have a short name and are in the help. */
    private static final Map<String, List<String>> FREQUENT =
            Map.of(
                    "data.dir", List.of("--data-dir"),
                    "store.url", List.of("--store"),
                    "memory.budget", List.of(),
                    "nbd.listen", List.of(),
                    "admin.listen", List.of(),
                    "log.level", List.of());

    private final ConfigLoader<ServerConfig> loader = ServerConfig.loader();
    private final Map<String, String> environment;

    ConfigOptions(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    List<Setting> settings() {
        return loader.settings();
    }

    /** The command, with every key as an option. */
    CommandLine addedTo(Object annotated) {
        var line = new CommandLine(annotated);
        CommandSpec command = line.getCommandSpec();
        command.addOption(
                OptionSpec.builder(FILE)
                        .type(Path.class)
                        .paramLabel("FILE")
                        .description("TOML file; also $" + FILE_VARIABLE + ".")
                        .build());
        for (Setting setting : settings()) {
            var names = new ArrayList<>(FREQUENT.getOrDefault(setting.key(), List.of()));
            names.add("--" + setting.key());
            command.addOption(
                    OptionSpec.builder(names.toArray(String[]::new))
                            .type(String.class)
                            .paramLabel(setting.type().equals("size") ? "SIZE" : "VALUE")
                            .hidden(!FREQUENT.containsKey(setting.key()))
                            .description(setting.help())
                            .build());
        }
        return line;
    }

    /** {@code preset} are values that the command itself brings, by key. */
    Loaded<ServerConfig> load(ParseResult given, Map<String, Given> preset) throws ConfigException {
        Map<String, Given> flags = new HashMap<>();
        for (Setting setting : settings()) {
            String option = "--" + setting.key();
            @Nullable String value = given.matchedOptionValue(option, (String) null);
            if (value != null) {
                flags.put(setting.key(), new Given(value, new Origin.Flag(option)));
            }
        }
        return loader.load(new Sources(preset, file(given), environment, flags));
    }

    private @Nullable Path file(ParseResult given) {
        @Nullable Path flag = given.matchedOptionValue(FILE, (Path) null);
        @Nullable String variable = environment.get(FILE_VARIABLE);
        return flag == null && variable != null ? Path.of(variable) : flag;
    }
}
