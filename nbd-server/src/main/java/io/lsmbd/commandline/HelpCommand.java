package io.lsmbd.commandline;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code help [COMMAND]}: the same as {@code COMMAND --help}. */
@Command(
        name = "help",
        description = "Show what a command is for and how it is written.",
        footer = "  ${COMMAND-FULL-NAME}",
        mixinStandardHelpOptions = true)
public final class HelpCommand implements Runnable {
    @Parameters(
            paramLabel = "COMMAND",
            arity = "0..*",
            description = "Which one; without it, all are listed.")
    private List<String> words = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec command;

    @Override
    public void run() {
        CommandLine line = command.root().commandLine();
        for (String word : words) {
            CommandLine next = line.getSubcommands().get(word);
            if (next == null) {
                throw new ParameterException(line, TypingMistakes.noSuchCommand(line, word));
            }
            line = next;
        }
        line.usage(command.commandLine().getOut(), command.commandLine().getColorScheme());
    }
}
