package io.lsmbd.server;

import io.lsmbd.admin.api.BuildInfo;
import io.lsmbd.commandline.CommandNames;
import io.lsmbd.commandline.HelpCommand;
import io.lsmbd.commandline.HelpLayout;
import io.lsmbd.commandline.TypingMistakes;
import io.lsmbd.config.ConfigException;
import io.lsmbd.config.Given;
import io.lsmbd.config.Origin;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line of the daemon. */
@Command(
        name = "lsmbd",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Serves virtual disks over NBD and keeps them in an object store.",
        footer = {
            "  # to try it, without any configuration: a 10 GiB disk named vol1",
            "  ${COMMAND-NAME} dev",
            "  # and in another terminal",
            "  nbdinfo nbd://127.0.0.1/vol1"
        })
public final class Main implements Runnable {
    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec command;

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"lsmbd " + BuildInfo.read().version()};
        }
    }

    /** Runs until the daemon has stopped. */
    public static void main(String[] arguments) {
        System.exit(commandLine(System.getenv()).execute(arguments));
    }

    static CommandLine commandLine(Map<String, String> environment) {
        var options = new ConfigOptions(environment);
        var names = CommandNames.of(environment);
        CommandLine line =
                new CommandLine(new Main())
                        .setCommandName(names.lsmbd())
                        .addSubcommand(options.addedTo(new RunCommand(options)))
                        .addSubcommand(options.addedTo(new DevCommand(options)))
                        .addSubcommand(ConfigCommand.commandLine(options))
                        .addSubcommand(new HelpCommand())
                        .setParameterExceptionHandler(new TypingMistakes(names))
                        .setExecutionExceptionHandler(
                                (failure, at, _) -> failed(failure, at, names));
        HelpLayout.apply(line, ExitCode.values());
        return line;
    }

    /** What `lsmbd dev` brings along: everything stays in one folder. */
    static Map<String, Given> devPreset() {
        return Map.of("data.dir", new Given("lsmbd-data", new Origin.Preset("lsmbd dev")));
    }

    @Override
    public void run() {
        command.commandLine().usage(command.commandLine().getOut());
    }

    /** Mistakes of the user are a line or two; only a bug shows where it is. */
    private static int failed(Exception failure, CommandLine line, CommandNames names) {
        var err = line.getErr();
        switch (failure) {
            case ConfigException e -> {
                String.valueOf(e.getMessage())
                        .lines()
                        .forEach(problem -> err.println("lsmbd: " + names.in(problem)));
                return ExitCode.USAGE.code();
            }
            case StartException e ->
                    err.println("lsmbd: " + names.in(String.valueOf(e.getMessage())));
            default -> {
                err.println("lsmbd: a bug: please report this");
                failure.printStackTrace(err);
            }
        }
        return ExitCode.FAILED.code();
    }
}
