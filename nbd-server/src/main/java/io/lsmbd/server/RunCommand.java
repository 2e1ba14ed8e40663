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
        description = {"Serve the volumes of a store, as configured.", ""},
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Every key of the configuration is an option: --wal.budget=4GiB. All keys:",
            "`lsmbd config reference`. Later wins: file, environment, options.",
            "",
            ExitCode.HELP
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
