package io.lsmbd.ctl;

import io.lsmbd.admin.api.BuildInfo;
import io.lsmbd.commandline.CommandNames;
import io.lsmbd.commandline.HelpCommand;
import io.lsmbd.commandline.HelpLayout;
import io.lsmbd.commandline.TypingMistakes;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The operator's command line. */
@Command(
        name = "lsmctl",
        mixinStandardHelpOptions = true,
        versionProvider = Lsmctl.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Looks at and changes the volumes of lsmbd.",
        subcommands = {
            VolumeCommands.class,
            StatusCommand.class,
            InspectCommands.class,
            WalCommands.class,
            CostCommand.class,
            DoctorCommand.class,
            ReloadCommand.class,
            Lsmctl.Completion.class,
            Lsmctl.ShowVersion.class,
            HelpCommand.class
        },
        footer = {
            "  ${COMMAND-NAME} status",
            "  ${COMMAND-NAME} volume create vol1 10GiB",
            "  ${COMMAND-NAME} inspect segment vol1 7 --verify"
        })
public final class Lsmctl implements Runnable {
    @CommandLine.Mixin private Connection connection = new Connection();

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec command;

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"lsmctl " + BuildInfo.read().version()};
        }
    }

    /** Runs one command. */
    public static void main(String[] arguments) {
        System.exit(commandLine(System.getenv()).execute(arguments));
    }

    static CommandLine commandLine(Map<String, String> environment) {
        var lsmctl = new Lsmctl();
        lsmctl.connection.take(environment);
        CommandNames names = lsmctl.connection.names();
        CommandLine line =
                new CommandLine(lsmctl)
                        .setCommandName(names.lsmctl())
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .setParameterExceptionHandler(new TypingMistakes(names))
                        .setExecutionStrategy(lsmctl::execute)
                        .setExecutionExceptionHandler(
                                (failure, at, _) -> failed(failure, at, names));
        HelpLayout.apply(line, ExitCode.values());
        return line;
    }

    private int execute(CommandLine.ParseResult given) {
        if (connection.isPlain()) {
            given.commandSpec()
                    .commandLine()
                    .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        }
        return new CommandLine.RunLast().execute(given);
    }

    Connection connection() {
        return connection;
    }

    @Override
    public void run() {
        command.commandLine().usage(command.commandLine().getOut());
    }

    private static int failed(Exception failure, CommandLine line, CommandNames names) {
        var err = line.getErr();
        if (failure instanceof CtlException e) {
            err.println("lsmctl: " + names.in(String.valueOf(e.getMessage())));
            if (!e.hint().isEmpty()) {
                err.println(names.in(e.hint()));
            }
            return e.exitCode().code();
        }
        err.println("lsmctl: a bug: please report this");
        failure.printStackTrace(err);
        return ExitCode.FAILED.code();
    }

    /** Shells that completion is written for. */
    enum Shell {
        BASH,
        ZSH
    }

    @Command(
            name = "completion",
            description = "Print a script that completes lsmctl's commands and options.",
            footer = "  source <(${COMMAND-FULL-NAME} bash)",
            mixinStandardHelpOptions = true)
    static final class Completion implements Runnable {
        @Parameters(paramLabel = "bash|zsh", description = "The shell.")
        private Shell shell = Shell.BASH;

        @SuppressWarnings("NullAway.Init") // picocli sets it
        @Spec
        private CommandSpec command;

        /** One script serves both: it has zsh load its bash emulation. */
        @Override
        public void run() {
            CommandLine root = command.root().commandLine();
            String script = AutoComplete.bash("lsmctl", root);
            if (shell == Shell.ZSH) {
                script = "autoload -U +X compinit && compinit\n" + script;
            }
            command.commandLine().getOut().println(script);
        }
    }

    @Command(
            name = "version",
            description = "Print the version.",
            footer = "  ${COMMAND-FULL-NAME}",
            mixinStandardHelpOptions = true)
    static final class ShowVersion implements Runnable {
        @SuppressWarnings("NullAway.Init") // picocli sets it
        @Spec
        private CommandSpec command;

        @Override
        public void run() {
            command.commandLine().getOut().println(new Version().getVersion()[0]);
        }
    }
}
