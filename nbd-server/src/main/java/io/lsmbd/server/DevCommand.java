package io.lsmbd.server;

import io.lsmbd.admin.api.CreateVolume;
import io.lsmbd.config.ConfigException;
import io.lsmbd.model.DataSize;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lsmbd dev}: the daemon without any configuration, for trying it out. */
@Command(
        name = "dev",
        description = {
            "Serve a disk at once: store, WAL and everything else in ./lsmbd-data.",
            "",
            "The data stay there; start it again and the disk is as you left it. Every key of",
            "the configuration is an option as well; those below are set most often, and",
            "`${ROOT-COMMAND-NAME} config reference` explains all."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "  ${COMMAND-FULL-NAME}",
            "  ${COMMAND-FULL-NAME} --volume scratch=500GiB --upload.max-age=1s"
        })
final class DevCommand implements Callable<Integer> {
    private final ConfigOptions options;

    @Option(
            names = "--volume",
            paramLabel = "NAME=SIZE",
            defaultValue = "vol1=10GiB",
            description =
                    "A volume to create if there is none of that name; may be repeated."
                            + " Default: ${DEFAULT-VALUE}.")
    private Map<String, String> volumes = new LinkedHashMap<>();

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec command;

    DevCommand(ConfigOptions options) {
        this.options = options;
    }

    @Override
    public Integer call() throws ConfigException, StartException {
        var line = command.commandLine();
        List<CreateVolume> wanted = new ArrayList<>();
        for (Map.Entry<String, String> volume : volumes.entrySet()) {
            try {
                long sizeBytes = DataSize.parse(volume.getValue()).bytes();
                wanted.add(new CreateVolume(volume.getKey(), sizeBytes, null, null));
            } catch (IllegalArgumentException e) {
                throw new ParameterException(line, "--volume: " + e.getMessage(), e);
            }
        }
        var config = options.load(line.getParseResult(), Main.devPreset()).config();
        return Daemon.run(config, wanted, line.getOut());
    }
}
