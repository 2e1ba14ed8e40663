package io.lsmbd.server;

import io.lsmbd.commandline.CommandNames;
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

    /** A key that people set often: it is in the help, and may have a short name. */
    private record Frequent(String label, List<String> shortNames) {
        static final Map<String, Frequent> KEYS =
                Map.of(
                        "data.dir", new Frequent("DIR", List.of("--data-dir")),
                        "store.url", new Frequent("URL", List.of("--store")),
                        "memory.budget", new Frequent("SIZE", List.of()),
                        "nbd.listen", new Frequent("HOST:PORT", List.of()),
                        "admin.listen", new Frequent("HOST:PORT", List.of()),
                        "log.level", new Frequent("LEVEL", List.of()));

        static Frequent of(Setting setting) {
            return KEYS.getOrDefault(setting.key(), new Frequent("VALUE", List.of()));
        }
    }

    private final ConfigLoader<ServerConfig> loader = ServerConfig.loader();
    private final Map<String, String> environment;
    private final CommandNames names;

    ConfigOptions(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
        this.names = CommandNames.of(environment);
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
            Frequent frequent = Frequent.of(setting);
            var options = new ArrayList<>(frequent.shortNames());
            options.add("--" + setting.key());
            command.addOption(
                    OptionSpec.builder(options.toArray(String[]::new))
                            .type(String.class)
                            .paramLabel(frequent.label())
                            .hidden(!Frequent.KEYS.containsKey(setting.key()))
                            .description(names.in(setting.help()))
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
