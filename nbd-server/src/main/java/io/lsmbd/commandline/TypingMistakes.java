package io.lsmbd.commandline;

import io.lsmbd.config.NearestWord;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Answers a wrong command line in two lines: what is wrong and what was expected, in the words of
 * the help, and where to read on.
 */
public final class TypingMistakes implements IParameterExceptionHandler {
    private final CommandNames names;

    public TypingMistakes(CommandNames names) {
        this.names = names;
    }

    @Override
    public int handleParseException(ParameterException mistake, String[] arguments) {
        CommandLine line = commandOf(mistake);
        String name = line.getCommandSpec().qualifiedName();
        PrintWriter err = line.getErr();
        err.println(name.substring(names.prefix().length()) + ": " + explanation(mistake));
        err.println("see " + name + " --help");
        err.flush();
        return line.getCommandSpec().exitCodeOnInvalidInput();
    }

    /** A command that is a method finds its mistakes in the name of the command around it. */
    private static CommandLine commandOf(ParameterException mistake) {
        CommandLine line = mistake.getCommandLine();
        while (line.getParseResult() != null && line.getParseResult().hasSubcommand()) {
            line = line.getParseResult().subcommand().commandSpec().commandLine();
        }
        return line;
    }

    private static String explanation(ParameterException mistake) {
        return switch (mistake) {
            case UnmatchedArgumentException unmatched ->
                    unmatched(unmatched.getCommandLine(), unmatched.getUnmatched().getFirst());
            case MissingParameterException missing -> missing(missing);
            case OverwrittenOptionException twice ->
                    name(twice.getOverwritten()) + " is given more than once";
            default -> {
                @Nullable ArgSpec argument = mistake.getArgSpec();
                @Nullable String value = mistake.getValue();
                yield argument == null || value == null
                        ? String.valueOf(mistake.getMessage())
                        : "%s takes %s, not \"%s\""
                                .formatted(name(argument), values(argument), value);
            }
        };
    }

    private static String unmatched(CommandLine line, String typed) {
        CommandSpec command = line.getCommandSpec();
        if (typed.startsWith("-")) {
            String option = typed.replaceFirst("=.*", "");
            return "there is no option "
                    + option
                    + suggestion(option, command.optionsMap().keySet());
        }
        return command.subcommands().isEmpty()
                ? "\"%s\" is one word too many; it takes %s".formatted(typed, expected(command))
                : noSuchCommand(line, typed);
    }

    static String noSuchCommand(CommandLine line, String typed) {
        Collection<String> commands = line.getSubcommands().keySet();
        if (commands.isEmpty()) {
            return line.getCommandName() + " has no commands of its own";
        }
        String suggestion = suggestion(typed, commands);
        return "there is no command \"%s\"%s"
                .formatted(
                        typed,
                        suggestion.isEmpty()
                                ? "; there are " + String.join(", ", commands)
                                : suggestion);
    }

    private static String suggestion(String typed, Collection<String> words) {
        return NearestWord.of(typed, words).map("; did you mean %s?"::formatted).orElse("");
    }

    private static String missing(MissingParameterException mistake) {
        List<ArgSpec> missing = mistake.getMissing();
        if (missing.size() == 1 && missing.getFirst() instanceof OptionSpec option) {
            return "%s needs a value: %1$s=%s".formatted(option.longestName(), option.paramLabel());
        }
        String absent =
                missing.stream().map(ArgSpec::paramLabel).collect(Collectors.joining(" and "));
        String expected = expected(mistake.getCommandLine().getCommandSpec());
        return absent
                + (missing.size() == 1 ? " is missing" : " are missing")
                + (absent.equals(expected) ? "" : "; it takes " + expected);
    }

    /** {@code NAME SIZE}. */
    private static String expected(CommandSpec command) {
        return command.positionalParameters().isEmpty()
                ? "options only"
                : command.positionalParameters().stream()
                        .map(TypingMistakes::inSynopsis)
                        .collect(Collectors.joining(" "));
    }

    private static String inSynopsis(PositionalParamSpec parameter) {
        String label = parameter.paramLabel();
        return parameter.arity().min() == 0 ? "[" + label + "]" : label;
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    private static String values(ArgSpec argument) {
        Class<?> type = argument.type();
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(word -> word.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .collect(Collectors.joining(" or "));
        }
        boolean isNumber = type == int.class || type == long.class || type == Long.class;
        return isNumber ? "a whole number" : argument.paramLabel();
    }
}
