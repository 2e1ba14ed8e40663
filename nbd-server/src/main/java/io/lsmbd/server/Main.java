package io.lsmbd.server;

import io.lsmbd.admin.api.BuildInfo;
import io.lsmbd.config.ConfigException;
import io.lsmbd.config.Given;
import io.lsmbd.config.Origin;
import io.lsmbd.config.TypingMistakes;
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
        description = {
            "Virtual disks over NBD, kept in an object store.",
            "",
            "To try it, without any configuration:",
            "  lsmbd dev                     a 10GiB disk named vol1 on 127.0.0.1:10809",
            "  nbdinfo nbd://127.0.0.1/vol1  look at it from another terminal",
            ""
        },
        footer = {"", ExitCode.HELP})
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
        return new CommandLine(new Main())
                .addSubcommand(options.addedTo(new RunCommand(options)))
                .addSubcommand(options.addedTo(new DevCommand(options)))
                .addSubcommand(ConfigCommand.commandLine(options))
                .setUsageHelpWidth(100)
                .setParameterExceptionHandler(new TypingMistakes())
                .setExecutionExceptionHandler(Main::failed);
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
    private static int failed(Exception failure, CommandLine line, CommandLine.ParseResult given) {
        var err = line.getErr();
        switch (failure) {
            case ConfigException e -> {
                String.valueOf(e.getMessage())
                        .lines()
                        .forEach(problem -> err.println("lsmbd: " + problem));
                return ExitCode.USAGE;
            }
            case StartException e -> err.println("lsmbd: " + e.getMessage());
            default -> {
                err.println("lsmbd: a bug: please report this");
                failure.printStackTrace(err);
            }
        }
        return ExitCode.FAILED;
    }
}
