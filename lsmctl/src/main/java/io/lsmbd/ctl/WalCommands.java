package io.lsmbd.ctl;

import io.lsmbd.admin.api.VolumeInfo;
import io.lsmbd.model.VolumeName;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code lsmctl wal}: what becomes of a log whose volume is another host's now. */
@Command(
        name = "wal",
        description = {
            "Save, and free, what a log holds of a volume that another host took over.",
            "",
            "It is never written into the volume: the other host has gone on without it."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = SalvageCommand.class,
        footer = {
            "  ${COMMAND-FULL-NAME} salvage vol1 --data-dir /var/lib/lsmbd --store URL",
            "  ${COMMAND-FULL-NAME} discard vol1 --yes"
        })
final class WalCommands implements Runnable {
    @SuppressWarnings("NullAway.Init") // picocli sets it
    @ParentCommand
    private Lsmctl lsmctl;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec command;

    @Override
    public void run() {
        command.commandLine().usage(command.commandLine().getOut());
    }

    Connection connection() {
        return lsmctl.connection();
    }

    @Command(
            name = "discard",
            description = {
                "Free the daemon's log of what a volume left over when another host took it over.",
                "",
                "What `lsmctl wal salvage` would write out is gone then. Whatever belongs to a",
                "volume that the daemon has attached, or would attach at its next start, stays."
            },
            footer = "  ${COMMAND-FULL-NAME} vol1 --yes",
            mixinStandardHelpOptions = true)
    int discard(
            @Parameters(paramLabel = "NAME", description = "A volume's, as in the list.")
                    String name,
            @Option(names = "--yes", description = "Yes, it may be lost.") boolean isSure)
            throws CtlException {
        if (!VolumeName.isLegal(name)) {
            throw mistake("not a volume name: \"%s\"".formatted(name));
        }
        if (connection().store() != null) {
            throw mistake("this asks the daemon; leave out --store and --data-dir");
        }
        if (!isSure) {
            throw new CtlException(
                    ExitCode.REFUSED,
                    "what the log alone holds of volume %s would be gone for ever".formatted(name),
                    "save it with `lsmctl wal salvage`; if you are sure: "
                            + connection().command("wal discard " + name + " --yes"));
        }
        VolumeInfo info =
                connection().client().post("volumes/" + name + "/discard-log", VolumeInfo.class);
        connection()
                .print(
                        command.commandLine().getOut(),
                        info,
                        List.of("what was left over of volume %s is free to go".formatted(name)));
        return ExitCode.OK.code();
    }

    private ParameterException mistake(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
