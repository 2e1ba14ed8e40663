package io.lsmbd.server;

import io.lsmbd.config.ConfigException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lsmbd run}: the daemon as configured. */
@Command(
        name = "run",
        description = {
            "Serve the volumes of a store, as configured.",
            "",
            "Every key of the configuration is an option as well; those below are set most",
            "often, and `${ROOT-COMMAND-NAME} config reference` explains all. Options win over",
            "the environment, and that over the file."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "  ${COMMAND-FULL-NAME} --config /etc/lsmbd/lsmbd.toml",
            "  ${COMMAND-FULL-NAME} --data-dir /srv/lsmbd --store file:///mnt/nas/lsmbd \\",
            "      --wal.budget=32GiB"
        })
final class RunCommand implements Callable<Integer> {
    private final ConfigOptions options;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec command;

    RunCommand(ConfigOptions options) {
        this.options = options;
    }

    @Override
    public Integer call() throws ConfigException, StartException {
        var line = command.commandLine();
        var config = options.load(line.getParseResult(), Map.of()).config();
        return Daemon.run(config, List.of(), line.getOut());
    }
}
