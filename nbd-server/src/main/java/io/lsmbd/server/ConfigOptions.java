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

    private static final String SWITCH = "true|false";

    /** What the help calls the values of the keys that people set often; others are not in it. */
    private static final Map<String, String> LABELS =
            Map.of(
                    "data.dir", "DIR",
                    "store.url", "URL",
                    "memory.budget", "SIZE",
                    "nbd.listen", "HOST:PORT",
                    "admin.listen", "HOST:PORT",
                    "log.level", "LEVEL");

    private static final Map<String, String> SHORT_NAMES =
            Map.of(
                    "data.dir", "--data-dir",
                    "store.url", "--store",
                    "store.unsafe-single-writer", "--unsafe-single-writer",
                    "debug.fault", "--fault");

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
            command.addOption(option(setting));
        }
        return line;
    }

    private OptionSpec option(Setting setting) {
        List<String> options = new ArrayList<>();
        options.add("--" + setting.key());
        @Nullable String shortName = SHORT_NAMES.get(setting.key());
        if (shortName != null) {
            options.addFirst(shortName);
        }
        var option =
                OptionSpec.builder(options.toArray(String[]::new))
                        .type(String.class)
                        .paramLabel(LABELS.getOrDefault(setting.key(), "VALUE"))
                        .hidden(!LABELS.containsKey(setting.key()))
                        .description(names.in(setting.help()));
        if (setting.type().equals(SWITCH)) {
            option.arity("0..1").fallbackValue("true");
        }
        return option.build();
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
