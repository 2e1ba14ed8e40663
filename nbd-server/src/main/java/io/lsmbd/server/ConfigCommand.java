package io.lsmbd.server;

import io.lsmbd.config.ConfigException;
import io.lsmbd.config.ConfigReference;
import io.lsmbd.config.Given;
import io.lsmbd.config.Resolved;
import io.lsmbd.model.DataSize;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lsmbd config}: looks at the configuration without starting anything. */
@Command(
        name = "config",
        description = "Show, check or explain the configuration.",
        footer = "  ${COMMAND-FULL-NAME} show --origin",
        mixinStandardHelpOptions = true)
final class ConfigCommand implements Runnable {
    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec command;

    static CommandLine commandLine(ConfigOptions options) {
        return new CommandLine(new ConfigCommand())
                .addSubcommand(options.addedTo(new Show(options)))
                .addSubcommand(options.addedTo(new Check(options)))
                .addSubcommand(new Reference(options));
    }

    @Override
    public void run() {
        command.commandLine().usage(command.commandLine().getOut());
    }

    @Command(
            name = "show",
            description = "Print every key and its value, and how memory is divided.",
            footer = {
                "  ${COMMAND-FULL-NAME} --origin --config /etc/lsmbd/lsmbd.toml",
                "  ${COMMAND-FULL-NAME} --dev --memory.budget=512MiB"
            },
            mixinStandardHelpOptions = true)
    private static final class Show implements Callable<Integer> {
        private final ConfigOptions options;

        @Option(names = "--origin", description = "Also where each value came from.")
        private boolean isOriginWanted;

        @Option(names = "--dev", description = "As `lsmbd dev` would have it.")
        private boolean isDev;

        @SuppressWarnings("NullAway.Init") // picocli sets it
        @Spec
        private CommandSpec command;

        Show(ConfigOptions options) {
            this.options = options;
        }

        @Override
        public Integer call() throws ConfigException {
            CommandLine line = command.commandLine();
            Map<String, Given> preset = isDev ? Main.devPreset() : Map.of();
            var loaded = options.load(line.getParseResult(), preset);
            PrintWriter out = line.getOut();
            loaded.values().forEach(value -> out.println(describe(value)));
            out.println();
            out.println("memory");
            loaded.config()
                    .memoryPlan()
                    .parts()
                    .forEach((part, size) -> out.println("  %-32s %10s".formatted(part, size)));
            return ExitCode.OK.code();
        }

        private String describe(Resolved value) {
            String key = value.setting().key();
            String given = value.value().text();
            boolean isSize = value.setting().type().equals("size");
            String text = isSize ? DataSize.parse(given).toString() : given;
            return isOriginWanted
                    ? "%-27s %-18s %s".formatted(key, text, value.value().origin())
                    : "%-27s %s".formatted(key, text);
        }
    }

    @Command(
            name = "check",
            description = {
                "Say whether lsmbd would start with this configuration.",
                "",
                "Certificates, keys and folders are looked at as well, as the user who asks may",
                "read them; the network is not used and nothing is changed."
            },
            footer = "  ${COMMAND-FULL-NAME} --config /etc/lsmbd/lsmbd.toml",
            mixinStandardHelpOptions = true)
    private static final class Check implements Callable<Integer> {
        private final ConfigOptions options;

        @SuppressWarnings("NullAway.Init") // picocli sets it
        @Spec
        private CommandSpec command;

        Check(ConfigOptions options) {
            this.options = options;
        }

        @Override
        public Integer call() throws ConfigException {
            CommandLine line = command.commandLine();
            var loaded = options.load(line.getParseResult(), Map.of());
            List<String> problems = Surroundings.problems(loaded.config());
            if (!problems.isEmpty()) {
                throw new ConfigException(String.join("\n", problems));
            }
            line.getOut().println("ok, %d keys".formatted(loaded.values().size()));
            return ExitCode.OK.code();
        }
    }

    @Command(
            name = "reference",
            description = "Print a file to start from: every key, explained, at its default.",
            footer = "  ${COMMAND-FULL-NAME} > lsmbd.toml",
            mixinStandardHelpOptions = true)
    private static final class Reference implements Callable<Integer> {
        private final ConfigOptions options;

        @Option(names = "--markdown", description = "As docs/configuration.md.")
        private boolean isMarkdown;

        @SuppressWarnings("NullAway.Init") // picocli sets it
        @Spec
        private CommandSpec command;

        Reference(ConfigOptions options) {
            this.options = options;
        }

        @Override
        public Integer call() {
            PrintWriter out = command.commandLine().getOut();
            out.print(
                    isMarkdown
                            ? ConfigReference.markdown(options.settings())
                            : ConfigReference.toml(options.settings()));
            out.flush();
            return ExitCode.OK.code();
        }
    }
}
