package io.lsmbd.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the tool says of itself, without any daemon. */
class HelpTest {
    private static final Map<String, String> CHECKOUT = Map.of("LSMBD_COMMAND_PREFIX", "./dev ");

    /** What a run printed, wherever it did. */
    private static String run(Map<String, String> environment, String... arguments) {
        var text = new StringWriter();
        CommandLine line = Lsmctl.commandLine(environment);
        line.setOut(new PrintWriter(text, true)).setErr(new PrintWriter(text, true));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        line.execute(arguments);
        return text.toString();
    }

    @Test
    void everyHelpTextHasItsPurposeAnExampleAndTheExitCodes() {
        assertHelpIsWhole(Lsmctl.commandLine(Map.of()));
    }

    private static void assertHelpIsWhole(CommandLine command) {
        String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
        String name = command.getCommandSpec().qualifiedName();
        assertThat(help).as(name).containsPattern("^[A-Z][^\n]+\\.\n");
        assertThat(help).contains("\nUsage: " + name + " [OPTIONS]", "      --endpoint=URL  ");
        assertThat(help).containsPattern("\nExamples:\n  [^\n]*" + name);
        assertThat(help).contains("\nExit codes:\n", "\n  6   stored bytes are damaged\n");
        assertThat(help.lines()).allMatch(line -> line.length() <= 80);
        command.getSubcommands().values().forEach(HelpTest::assertHelpIsWhole);
    }

    @Test
    void helpAndTheOptionSayTheSame() {
        assertThat(run(Map.of(), "help", "volume", "create"))
                .isEqualTo(run(Map.of(), "volume", "create", "--help"));
        assertThat(run(Map.of(), "help")).isEqualTo(run(Map.of()));
    }

    @Test
    void aMistakeEndsWithWhereToReadOn() {
        assertThat(run(Map.of(), "volume", "create", "v"))
                .isEqualTo(
                        """
                        lsmctl volume create: SIZE is missing; it takes NAME SIZE
                        see lsmctl volume create --help
                        """);
        assertThat(run(Map.of(), "volume", "create", "v", "lots"))
                .endsWith("see lsmctl volume create --help\n");
    }

    @Test
    void adviceNamesTheProgramsAsTheUserCallsThem() {
        assertThat(run(CHECKOUT, "volume", "lsit"))
                .isEqualTo(
                        """
                        lsmctl volume: there is no command "lsit"; did you mean list?
                        see ./dev lsmctl volume --help
                        """);
        assertThat(run(CHECKOUT, "--endpoint", "http://127.0.0.1:1", "status"))
                .contains("no lsmbd answers", "`./dev lsmbd dev`");
    }
}
