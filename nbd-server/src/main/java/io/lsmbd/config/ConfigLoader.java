package io.lsmbd.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts a configuration together; later sources win: defaults, preset, file, environment, flags.
 *
 * @param <T> the record that it makes
 */
public final class ConfigLoader<T> {
    private final Function<Settings, T> reader;
    private final T defaults;
    private final List<Setting> settings;

    /** {@code reader} must accept its own defaults and ask for the same keys every time. */
    public ConfigLoader(Function<Settings, T> reader) {
        this.reader = reader;
        var nothingGiven = new Settings(Map.of());
        this.defaults = reader.apply(nothingGiven);
        this.settings = nothingGiven.resolved().stream().map(Resolved::setting).toList();
    }

    /** What people gave us. {@code preset} and {@code flags} are by key; both hold valid keys. */
    public record Sources(
            Map<String, Given> preset,
            @Nullable Path file,
            Map<String, String> environment,
            Map<String, Given> flags) {
        public Sources {
            preset = Map.copyOf(preset);
            environment = Map.copyOf(environment);
            flags = Map.copyOf(flags);
        }
    }

    /** The record, and every value with its origin. */
    public record Loaded<T>(T config, List<Resolved> values) {
        public Loaded {
            values = List.copyOf(values);
        }
    }

    /** What one gets who gives nothing. */
    public T defaults() {
        return defaults;
    }

    /** Every key there is, in the order of the reference. */
    public List<Setting> settings() {
        return settings;
    }

    public Loaded<T> load(Sources sources) throws ConfigException {
        Map<String, Given> given = new HashMap<>(sources.preset());
        if (sources.file() != null) {
            Map<String, Given> file = TomlSource.read(sources.file());
            refuseUnknown(file);
            given.putAll(file);
        }
        given.putAll(EnvironmentSource.read(sources.environment(), settings));
        given.putAll(sources.flags());
        var values = new Settings(given);
        try {
            return new Loaded<>(reader.apply(values), values.resolved());
        } catch (Settings.BadValueException | IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()), e);
        }
    }

    private void refuseUnknown(Map<String, Given> given) throws ConfigException {
        List<String> known = settings.stream().map(Setting::key).toList();
        List<String> problems = new ArrayList<>();
        given.forEach((key, value) -> {
            if (!known.contains(key)) {
                problems.add(
                        "%s: unknown key \"%s\"%s"
                                .formatted(value.origin(), key, suggestion(key, known)));
            }
        });
        if (!problems.isEmpty()) {
            throw new ConfigException(String.join("\n", problems));
        }
    }

    static String suggestion(String typed, Collection<String> words) {
        return NearestWord.of(typed, words)
                .map("; did you mean \"%s\"?"::formatted)
                .orElse("; `lsmbd config reference` lists all");
    }
}
