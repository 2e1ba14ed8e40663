package io.lsmbd.commandline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ScopeType;

/**
 * One look for every help text: what the command is for, how it is written, its options, those of
 * every command, examples, exit codes. A command brings its description and, as footer, its
 * examples.
 */
public final class HelpLayout {
    /** The width of a terminal that nobody has made wider. */
    static final int COLUMNS = 80;

    private static final List<String> SECTIONS =
            List.of(
                    UsageMessageSpec.SECTION_KEY_DESCRIPTION,
                    UsageMessageSpec.SECTION_KEY_SYNOPSIS_HEADING,
                    UsageMessageSpec.SECTION_KEY_SYNOPSIS,
                    UsageMessageSpec.SECTION_KEY_PARAMETER_LIST_HEADING,
                    UsageMessageSpec.SECTION_KEY_PARAMETER_LIST,
                    UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING,
                    UsageMessageSpec.SECTION_KEY_COMMAND_LIST,
                    UsageMessageSpec.SECTION_KEY_OPTION_LIST,
                    UsageMessageSpec.SECTION_KEY_FOOTER_HEADING,
                    UsageMessageSpec.SECTION_KEY_FOOTER,
                    UsageMessageSpec.SECTION_KEY_EXIT_CODE_LIST_HEADING,
                    UsageMessageSpec.SECTION_KEY_EXIT_CODE_LIST);

    private HelpLayout() {}

    /** For a program with all its commands. */
    public static void apply(CommandLine program, ExitStatus... exitCodes) {
        program.setUsageHelpWidth(COLUMNS);
        program.setHelpSectionKeys(SECTIONS);
        program.getHelpSectionMap()
                .put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpLayout::options);
        program.setHelpSectionMap(program.getHelpSectionMap());
        Map<String, String> meanings = new LinkedHashMap<>();
        for (ExitStatus status : exitCodes) {
            meanings.put(Integer.toString(status.code()), status.meaning());
        }
        applyToAll(program, meanings);
    }

    private static void applyToAll(CommandLine command, Map<String, String> exitCodes) {
        command.getCommandSpec()
                .usageMessage()
                .abbreviateSynopsis(true)
                .synopsisHeading("%nUsage: ")
                .parameterListHeading("%n")
                .commandListHeading("%nCommands:%n")
                .footerHeading("%nExamples:%n")
                .exitCodeListHeading("%nExit codes:%n")
                .exitCodeList(exitCodes);
        if (command.getCommandSpec().usageMessage().footer().length == 0) {
            command.getCommandSpec().usageMessage().footerHeading("");
        }
        command.getSubcommands().values().forEach(sub -> applyToAll(sub, exitCodes));
    }

    /** A command's own options, then those that it shares with all others. */
    private static String options(Help help) {
        List<OptionSpec> own = new ArrayList<>();
        List<OptionSpec> shared = new ArrayList<>();
        for (OptionSpec option : help.commandSpec().options()) {
            // The version is the program's.
            boolean isOutOfPlace = option.versionHelp() && help.commandSpec().parent() != null;
            if (!option.hidden() && !isOutOfPlace) {
                (option.scopeType() == ScopeType.INHERIT ? shared : own).add(option);
            }
        }
        return section(help, "Options:", own) + section(help, "Options of every command:", shared);
    }

    private static String section(Help help, String title, List<OptionSpec> options) {
        if (options.isEmpty()) {
            return "";
        }
        CommandSpec command = help.commandSpec();
        Help.Layout layout =
                help.createDefaultLayout(
                        command.options(), command.positionalParameters(), help.colorScheme());
        layout.addAllOptions(options, help.parameterLabelRenderer());
        return "%n%s%n%s".formatted(title, layout);
    }
}
