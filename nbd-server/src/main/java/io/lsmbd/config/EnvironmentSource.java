package io.lsmbd.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Values from environment variables: {@code LSMBD_WAL_BUDGET=4GiB}. */
final class EnvironmentSource {
    static final String PREFIX = "LSMBD_";

    /** For other parts of the program and for the start script. */
    private static final Set<String> NOT_SETTINGS =
            Set.of("LSMBD_CONFIG", "LSMBD_COMMAND_PREFIX", "LSMBD_JAVA_OPTS");

    /** Kubernetes sets these in every pod that lives beside a service named "lsmbd". */
    private static final Pattern KUBERNETES =
            Pattern.compile("LSMBD_SERVICE_(HOST|PORT(_.*)?)|LSMBD_PORT(_[0-9]+_.*)?");

    private EnvironmentSource() {}

    static Map<String, Given> read(Map<String, String> environment, List<Setting> settings)
            throws ConfigException {
        Map<String, Setting> byName =
                settings.stream()
                        .collect(Collectors.toMap(Setting::environmentName, Function.identity()));
        Map<String, Given> values = new LinkedHashMap<>();
        for (Map.Entry<String, String> entry : new TreeMap<>(environment).entrySet()) {
            String variable = entry.getKey();
            if (!variable.startsWith(PREFIX)
                    || NOT_SETTINGS.contains(variable)
                    || KUBERNETES.matcher(variable).matches()) {
                continue;
            }
            Setting setting = byName.get(variable);
            if (setting == null) {
                throw new ConfigException(
                        "unknown environment variable %s%s"
                                .formatted(
                                        variable,
                                        ConfigLoader.suggestion(variable, byName.keySet())));
            }
            values.put(
                    setting.key(), new Given(entry.getValue(), new Origin.Environment(variable)));
        }
        return values;
    }
}
