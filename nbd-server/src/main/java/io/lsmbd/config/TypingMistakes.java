package io.lsmbd.config;

import java.io.PrintWriter;
import java.util.Collection;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Answers a wrong command line in two lines: what is wrong, and where to read on. */
public final class TypingMistakes implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException mistake, String[] arguments) {
        CommandLine line = mistake.getCommandLine();
        String name = line.getCommandSpec().qualifiedName();
        PrintWriter err = line.getErr();
        err.println(name + ": " + mistake.getMessage() + suggestion(mistake));
        err.println("Try: " + name + " --help");
        err.flush();
        return line.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static String suggestion(ParameterException mistake) {
        if (!(mistake instanceof UnmatchedArgumentException unmatched)) {
            return "";
        }
        String typed = unmatched.getUnmatched().getFirst().replaceFirst("=.*", "");
        var spec = unmatched.getCommandLine().getCommandSpec();
        Collection<String> words =
                typed.startsWith("-") ? spec.optionsMap().keySet() : spec.subcommands().keySet();
        Optional<String> nearest = NearestWord.of(typed, words);
        return nearest.map("; did you mean %s?"::formatted).orElse("");
    }
}
