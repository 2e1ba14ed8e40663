package io.lsmbd.ctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.lsmbd.admin.api.ApiJson;
import io.lsmbd.commandline.CommandNames;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The options that every command takes: where to look, and how to print. */
final class Connection {
    private static final String VARIABLE = "LSMCTL_ENDPOINT";
    private static final String USUAL = "http://127.0.0.1:10810";

    /** Longer than any answer takes that waits for nothing. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** How results are printed. */
    enum Output {
        TABLE,
        JSON
    }

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            description = {"Admin address of lsmbd; also $" + VARIABLE + ".", "Default: " + USUAL})
    private @Nullable String endpoint;

    @Option(
            names = "--store",
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            description = "Look into this store itself, without a daemon (inspect, doctor, wal).")
    private @Nullable String store;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "The same, for store and log in a daemon's data directory.")
    private @Nullable Path dataDir;

    @Option(
            names = "--no-color",
            scope = ScopeType.INHERIT,
            description = "Plain help, without colours; also $NO_COLOR.")
    private boolean isPlain;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            scope = ScopeType.INHERIT,
            defaultValue = "60",
            description = "How long to wait for an answer. Default: ${DEFAULT-VALUE}")
    private int timeoutSeconds = 60;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            scope = ScopeType.INHERIT,
            defaultValue = "TABLE",
            description = "For people (default), or as the API has it.")
    private Output output = Output.TABLE;

    private Map<String, String> environment = Map.of();

    void take(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    CommandNames names() {
        return CommandNames.of(environment);
    }

    /** How the user would give another command to the same daemon. */
    String command(String rest) {
        String where = endpoint == null ? "" : " --endpoint " + endpoint;
        return names().lsmctl() + where + " " + rest;
    }

    AdminClient client() throws CtlException {
        if (store() != null) {
            throw new CtlException(
                    ExitCode.USAGE,
                    "only the daemon knows this, and it has a store of its own",
                    "leave out --store and --data-dir: they are for inspect, doctor and wal"
                            + " salvage");
        }
        String address = endpoint != null ? endpoint : environment.getOrDefault(VARIABLE, USUAL);
        if (!address.matches("https?://[^/]+/?")) {
            throw new CtlException(
                    ExitCode.USAGE,
                    "not an address: \"%s\"".formatted(address),
                    "write it as " + USUAL);
        }
        if (timeoutSeconds < 1) {
            throw new CtlException(
                    ExitCode.USAGE,
                    "--timeout takes 1 second or more, not " + timeoutSeconds,
                    "leave it out for 60");
        }
        try {
            PrintWriter err = command.commandLine().getErr();
            return new AdminClient(
                    URI.create(address),
                    Duration.ofSeconds(timeoutSeconds),
                    new AdminClient.Waiting(PATIENCE, line -> err.println("lsmctl: " + line)));
        } catch (IllegalArgumentException e) {
            throw new CtlException(ExitCode.USAGE, "not an address: " + e.getMessage(), "", e);
        }
    }

    /** The store to read directly; null to ask the daemon. */
    @Nullable String store() {
        return store == null && dataDir != null ? dataDir.resolve("store").toString() : store;
    }

    /** The log of the data directory that was given; it may not be there. */
    @Nullable Path log() {
        return dataDir == null ? null : dataDir.resolve("wal");
    }

    boolean isPlain() {
        return isPlain;
    }

    boolean isJson() {
        return output == Output.JSON;
    }

    /** Prints the record, or the lines that say the same to people. */
    void print(PrintWriter out, Object result, List<String> forPeople) {
        if (isJson()) {
            out.println(json(result));
        } else {
            forPeople.forEach(line -> out.println(names().in(line)));
        }
        out.flush();
    }

    /** As it is printed. */
    static String json(Object value) {
        try {
            return ApiJson.lenient()
                    .writer()
                    .with(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of the API is not JSON", e);
        }
    }
}
