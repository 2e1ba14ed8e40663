package io.lsmbd.ctl;

import io.lsmbd.admin.api.CompressionText;
import io.lsmbd.admin.api.CreateVolume;
import io.lsmbd.admin.api.Durability;
import io.lsmbd.admin.api.ResizeVolume;
import io.lsmbd.admin.api.ResizeVolume.Shrink;
import io.lsmbd.admin.api.SetVolume;
import io.lsmbd.admin.api.VolumeInfo;
import io.lsmbd.admin.api.VolumeList;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code lsmctl volume}: the life of volumes. */
@Command(
        name = "volume",
        description = "Create, list, show, change and delete volumes.",
        footer = "  ${COMMAND-FULL-NAME} list",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class VolumeCommands implements Runnable {
    private static final String OF_A_VOLUME = "A volume's, as in the list.";

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

    @Command(
            name = "create",
            description = "Create a volume; clients can attach it at once.",
            footer = {
                "  ${COMMAND-FULL-NAME} vol1 10GiB",
                "  ${COMMAND-FULL-NAME} logs 1TiB --compression zstd:3"
            },
            mixinStandardHelpOptions = true)
    int create(
            @Parameters(paramLabel = "NAME", description = "Also its NBD export name.") String name,
            @Parameters(
                            paramLabel = "SIZE",
                            arity = "1..2",
                            hideParamSyntax = true,
                            description = "Such as 10GiB; up to 1PiB.")
                    List<String> size,
            @Option(
                            names = "--compression",
                            paramLabel = "none|lz4|zstd[:LEVEL]",
                            description = "Default: the daemon's volume.compression.")
                    @Nullable String compression,
            @Option(
                            names = "--durability",
                            paramLabel = "local|object",
                            description = {
                                "What FLUSH waits for.",
                                "Default: the daemon's volume.durability."
                            })
                    @Nullable Durability durability)
            throws CtlException {
        CreateVolume wanted;
        try {
            wanted =
                    new CreateVolume(
                            name,
                            bytes(size),
                            compression == null ? null : new CompressionText(compression),
                            durability);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
        VolumeInfo info = client().post("volumes", wanted, VolumeInfo.class);
        print(info, List.of(line(info)));
        return ExitCode.OK.code();
    }

    @Command(
            name = "list",
            description = "List the volumes.",
            footer = "  ${COMMAND-FULL-NAME}",
            mixinStandardHelpOptions = true)
    int list() throws CtlException {
        VolumeList list = client().get("volumes", VolumeList.class);
        print(list, Tables.volumes(list.volumes()));
        return ExitCode.OK.code();
    }

    @Command(
            name = "info",
            description = "Show one volume.",
            footer = "  ${COMMAND-FULL-NAME} vol1",
            mixinStandardHelpOptions = true)
    int info(@Parameters(paramLabel = "NAME", description = OF_A_VOLUME) String name)
            throws CtlException {
        VolumeInfo info = client().get(path(name), VolumeInfo.class);
        print(info, Tables.volume(info));
        return ExitCode.OK.code();
    }

    private static long bytes(List<String> size) {
        return DataSize.parse(String.join(" ", size)).bytes();
    }

    @Command(
            name = "resize",
            description = {
                "Make a volume larger or smaller.",
                "",
                "Clients that are connected go on with the size that they know; they see a larger",
                "one when they connect again. A volume shrinks if no client has it open and there",
                "is no data beyond the new end."
            },
            footer = {
                "  ${COMMAND-FULL-NAME} vol1 20GiB",
                "  ${COMMAND-FULL-NAME} vol1 5GiB --force"
            },
            mixinStandardHelpOptions = true)
    int resize(
            @Parameters(paramLabel = "NAME", description = OF_A_VOLUME) String name,
            @Parameters(
                            paramLabel = "SIZE",
                            arity = "1..2",
                            hideParamSyntax = true,
                            description = "Such as 20GiB; up to 1PiB.")
                    List<String> size,
            @Option(
                            names = "--force",
                            description = {
                                "Shrink in any case: clients are cut off, data beyond the new",
                                "end is gone for ever."
                            })
                    boolean isForced)
            throws CtlException {
        ResizeVolume wanted;
        try {
            wanted = new ResizeVolume(bytes(size), isForced ? Shrink.FORCED : Shrink.IF_HARMLESS);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
        VolumeInfo info = client().post(path(name) + "/resize", wanted, VolumeInfo.class);
        List<String> lines = new ArrayList<>();
        lines.add(line(info));
        if (info.clients() > 0) {
            lines.add(
                    "%s from before: they see the new size when they connect again"
                            .formatted(Units.count(info.clients(), "client connection")));
        }
        print(info, lines);
        return ExitCode.OK.code();
    }

    @Command(
            name = "set",
            description = {
                "Change what FLUSH waits for, or how data are compressed.",
                "",
                "In force from the next FLUSH, and from the next upload; what is in the store",
                "already stays as it is. Clients notice nothing else."
            },
            footer = {
                "  ${COMMAND-FULL-NAME} vol1 --durability object",
                "  ${COMMAND-FULL-NAME} vol1 --compression zstd:3"
            },
            mixinStandardHelpOptions = true)
    int set(
            @Parameters(paramLabel = "NAME", description = OF_A_VOLUME) String name,
            @Option(
                            names = "--durability",
                            paramLabel = "local|object",
                            description = "What FLUSH waits for.")
                    @Nullable Durability durability,
            @Option(
                            names = "--compression",
                            paramLabel = "none|lz4|zstd[:LEVEL]",
                            description = "Of what is uploaded from now on.")
                    @Nullable String compression)
            throws CtlException {
        SetVolume wanted;
        try {
            wanted =
                    new SetVolume(
                            compression == null ? null : new CompressionText(compression),
                            durability);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
        VolumeInfo info = client().post(path(name) + "/set", wanted, VolumeInfo.class);
        print(
                info,
                List.of(
                        "volume %s  compression %s  durability %s"
                                .formatted(
                                        info.name(),
                                        info.compression(),
                                        Tables.word(info.durability()))));
        return ExitCode.OK.code();
    }

    private static String line(VolumeInfo volume) {
        return "volume %s  %s  %s"
                .formatted(
                        volume.name(),
                        Units.bytes(volume.sizeBytes()),
                        Tables.word(volume.state()));
    }

    @Command(
            name = "delete",
            description = "Delete a volume and everything it holds. There is no way back.",
            footer = "  ${COMMAND-FULL-NAME} vol1 --yes",
            mixinStandardHelpOptions = true)
    int delete(
            @Parameters(paramLabel = "NAME", description = OF_A_VOLUME) String name,
            @Option(names = "--yes", description = "Yes, delete it.") boolean isSure,
            @Option(names = "--force", description = "Cut off clients that have it open.")
                    boolean isForced)
            throws CtlException {
        if (!isSure) {
            throw askToBeSure(client().get(path(name), VolumeInfo.class));
        }
        client().delete(path(name) + (isForced ? "?clients=cut-off" : ""));
        if (!lsmctl.connection().isJson()) {
            command.commandLine().getOut().println("deleted " + name);
        }
        return ExitCode.OK.code();
    }

    private CtlException askToBeSure(VolumeInfo volume) {
        List<String> losses = new ArrayList<>();
        losses.add(Units.bytes(volume.sizeBytes()));
        losses.add(Units.bytes(volume.liveBytes() + volume.unuploadedBytes()) + " used");
        String force = "";
        if (volume.clients() > 0) {
            losses.add(Units.count(volume.clients(), "client connection"));
            force = " --force";
        }
        return new CtlException(
                ExitCode.REFUSED,
                "%s: %s; would be gone for ever"
                        .formatted(volume.name(), String.join(", ", losses)),
                "if you are sure: "
                        + lsmctl.connection()
                                .command(
                                        "volume delete %s --yes%s"
                                                .formatted(volume.name(), force)));
    }

    @Command(
            name = "accept-loss",
            description = {
                "Serve a volume although the host went down with unsynced writes.",
                "",
                "Writes that were acknowledged but never flushed may be missing. A client that",
                "was connected then believes that they are there: restart it first."
            },
            footer = "  ${COMMAND-FULL-NAME} vol1",
            mixinStandardHelpOptions = true)
    int acceptLoss(@Parameters(paramLabel = "NAME", description = OF_A_VOLUME) String name)
            throws CtlException {
        VolumeInfo info = client().post(path(name) + "/accept-loss", VolumeInfo.class);
        print(info, List.of("volume %s  %s".formatted(info.name(), Tables.word(info.state()))));
        return ExitCode.OK.code();
    }

    private AdminClient client() throws CtlException {
        if (lsmctl.connection().store() != null) {
            throw new ParameterException(
                    command.commandLine(),
                    "this asks the daemon; leave out --store and --data-dir");
        }
        return lsmctl.connection().client();
    }

    private void print(Object result, List<String> forPeople) {
        lsmctl.connection().print(command.commandLine().getOut(), result, forPeople);
    }

    private String path(String name) {
        if (!VolumeName.isLegal(name)) {
            throw new ParameterException(
                    command.commandLine(), "not a volume name: \"%s\"".formatted(name));
        }
        return "volumes/" + name;
    }
}
