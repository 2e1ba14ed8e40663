package io.lsmbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The command line, as far as it goes without starting anything. */
class MainTest {
    @TempDir Path folder;

    /** What a run printed, and its exit code. */
    private record Run(int exitCode, String out, String err) {}

    private static Run lsmbd(Map<String, String> environment, String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        CommandLine line = Main.commandLine(environment);
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        int exitCode = line.execute(arguments);
        return new Run(exitCode, out.toString(), err.toString());
    }

    private static Run lsmbd(String... arguments) {
        return lsmbd(Map.of(), arguments);
    }

    @Test
    void helpTeachesTheFirstMinute() {
        Run run = lsmbd();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("lsmbd dev", "nbdinfo nbd://127.0.0.1/vol1", "Exit codes:")
                .isEqualTo(lsmbd("--help").out())
                .isEqualTo(lsmbd("help").out());
    }

    @Test
    void everyHelpTextHasItsPurposeAnExampleAndTheExitCodes() {
        assertHelpIsWhole(Main.commandLine(Map.of()));
    }

    private static void assertHelpIsWhole(CommandLine command) {
        String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
        String name = command.getCommandSpec().qualifiedName();
        assertThat(help).as(name).containsPattern("^[A-Z][^\n]+\\.\n\n");
        assertThat(help).contains("\nUsage: " + name + " [OPTIONS]");
        assertThat(help).containsPattern("Examples:\n[^\n]*\n?  " + name);
        assertThat(help).contains("\nExit codes:\n", "  130   ");
        assertThat(help.lines()).allMatch(line -> line.length() <= 80);
        command.getSubcommands().values().forEach(MainTest::assertHelpIsWhole);
    }

    @Test
    void adviceNamesTheProgramsAsTheUserCallsThem() {
        Map<String, String> checkout = Map.of("LSMBD_COMMAND_PREFIX", "./dev ");
        assertThat(lsmbd(checkout, "help", "run").out())
                .contains("Usage: ./dev lsmbd run [OPTIONS]", "`./dev lsmbd config show`");
        assertThat(lsmbd(checkout, "rnu").err())
                .isEqualTo(
                        """
                        lsmbd: there is no command "rnu"; did you mean run?
                        see ./dev lsmbd --help
                        """);
    }

    @Test
    void theVersionIsThatOfTheBuild() {
        assertThat(lsmbd("--version").out()).matches("lsmbd [0-9]+\\.[0-9]+.*\n");
    }

    @Test
    void showTellsEveryValueAndItsOrigin() throws IOException {
        Path file = Files.writeString(folder.resolve("my.toml"), "[upload]\nparallel = 2\n");
        Run run =
                lsmbd(
                        Map.of("LSMBD_CONFIG", file.toString(), "LSMBD_WAL_BUDGET", "2GiB"),
                        "config",
                        "show",
                        "--origin",
                        "--log.level=debug");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("data.dir                    /var/lib/lsmbd     default\n")
                .contains("upload.parallel             2                  " + file + ":2\n")
                .contains("wal.budget                  2 GiB              $LSMBD_WAL_BUDGET\n")
                .contains("log.level                   debug              --log.level\n")
                .containsPattern("sum +1 GiB\n");
    }

    @Test
    void faultsHaveAShortName() {
        Run typing = lsmbd("config", "check", "--fault", "latancy ms=1");
        assertThat(typing.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(typing.err())
                .startsWith("lsmbd: --debug.fault: fault \"latancy ms=1\": there is no such fault");
        assertThat(lsmbd("config", "check", "--fault", "slow-down").err())
                .contains("needs debug.enabled = true");
        assertThat(
                        lsmbd("config", "check", "--fault", "slow-down", "--debug.enabled=true")
                                .exitCode())
                .isZero();
        assertThat(lsmbd("run", "--help").out()).doesNotContain("--fault");
    }

    @Test
    void showTellsWhatDevBringsAlong() {
        assertThat(lsmbd("config", "show", "--origin", "--dev").out())
                .contains("data.dir                    lsmbd-data         lsmbd dev\n");
    }

    @Test
    void aSwitchNeedsNoValueAndTakesOne() {
        String key = "store.unsafe-single-writer";
        for (String on : List.of("--unsafe-single-writer", "--" + key + "=true")) {
            assertThat(lsmbd("config", "show", "--origin", on, "--log.level=debug").out())
                    .contains(key + "  true               --" + key + "\n")
                    .contains("log.level                   debug ");
        }
        assertThat(lsmbd("config", "show", "--unsafe-single-writer=false").out())
                .contains(key + "  false");
        assertThat(lsmbd("config", "check", "--unsafe-single-writer=maybe").err())
                .contains(key + ": write true or false, not maybe");
    }

    @Test
    void aGoodConfigurationIsConfirmed() {
        assertThat(lsmbd("config", "check").exitCode()).isZero();
    }

    @Test
    void everythingThatIsMissingOnThisHostIsTold() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        Run run =
                lsmbd(
                        "config",
                        "check",
                        "--data-dir=" + file.resolve("data"),
                        "--store=" + folder.resolve("no-store"),
                        "--nbd.tls=required",
                        "--tls.certificate=" + file,
                        "--tls.key=" + folder.resolve("no-key"));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().lines())
                .hasSize(3)
                .anyMatch(line -> line.contains("data.dir") && line.endsWith("is not a folder"))
                .anyMatch(line -> line.contains("store.url") && line.contains("mkdir -p"))
                .anyMatch(line -> line.contains("tls.key") && line.contains("no-key"));
    }

    @Test
    void theReferenceIsToml() {
        assertThat(lsmbd("config", "reference").out()).contains("[wal]\n", "#budget = \"8GiB\"\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "run now | \"now\" is one word too many; it takes options only",
                "run --data-dir | --data-dir needs a value: --data-dir=DIR",
                "help rnu | did you mean run?",
                "rnu | there is no command \"rnu\"; did you mean run?",
                "run --wal.buget=1GiB | did you mean --wal.budget?",
                "dev --volume vol1 | --volume takes NAME=SIZE, not \"vol1\"",
                "dev --volume vol1=1000 | multiple of 512",
                "dev --volume a/b=1GiB | not a volume name",
                "run --wal.budget=lots | lsmbd: --wal.budget: not a size",
                "config check --upload.parallel=99 | upload.parallel is 99",
                "run --config /no/such.toml | no such file",
            })
    void aMistakeIsALineOrTwoAndExitCode2(String command, String reason) {
        Run run = lsmbd(command.split(" ", -1));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(reason).doesNotContain("\tat ");
        assertThat(run.err().lines()).hasSizeLessThanOrEqualTo(2);
    }
}
