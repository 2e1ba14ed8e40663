package io.lsmbd.ctl;

import io.lsmbd.admin.api.LbaInfo;
import io.lsmbd.admin.api.SegmentDetail;
import io.lsmbd.admin.api.StoreInfo;
import io.lsmbd.admin.api.VolumeDetail;
import io.lsmbd.admin.api.WalInfo;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeName;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code lsmctl inspect}: what is stored where, down to the sector. */
@Command(
        name = "inspect",
        description = "Look inside store, volumes, segments and log.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class InspectCommands implements Runnable {
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
            name = "store",
            description = "Volumes and their objects.",
            mixinStandardHelpOptions = true)
    int store() throws CtlException {
        StoreInfo store = client().get("inspect/store", StoreInfo.class);
        print(store, Tables.store(store));
        return ExitCode.OK.code();
    }

    @Command(
            name = "volume",
            description = "A volume's epoch, checkpoint, positions and live data.",
            mixinStandardHelpOptions = true)
    int volume(@Parameters(paramLabel = "NAME") String name) throws CtlException {
        VolumeDetail detail = client().get(path(name), VolumeDetail.class);
        print(detail, Details.volume(detail));
        return ExitCode.OK.code();
    }

    @Command(
            name = "segment",
            description = "A segment's tables; exit 6 if it is damaged.",
            mixinStandardHelpOptions = true)
    int segment(
            @Parameters(paramLabel = "VOLUME") String name,
            @Parameters(paramLabel = "N") long number,
            @Option(names = "--frames", description = "List every frame and extent.")
                    boolean isFramesWanted,
            @Option(names = "--verify", description = "Read all of it and check every checksum.")
                    boolean isVerifyWanted)
            throws CtlException {
        String check = isVerifyWanted ? "?check=frames" : "";
        SegmentDetail segment =
                client().get(path(name) + "/segments/" + number + check, SegmentDetail.class);
        List<String> lines = new ArrayList<>(Details.segment(segment));
        if (isFramesWanted) {
            lines.addAll(Details.frames(segment));
        }
        print(segment, lines);
        SegmentDetail.Verified verified = segment.verified();
        boolean isDamaged = verified != null && !verified.problems().isEmpty();
        return (isDamaged ? ExitCode.CORRUPT : ExitCode.OK).code();
    }

    @Command(
            name = "lba",
            description = "Where a range of a volume is: hole, log or segment.",
            mixinStandardHelpOptions = true)
    int lba(
            @Parameters(paramLabel = "VOLUME") String name,
            @Parameters(paramLabel = "OFFSET", description = "In bytes, or as 1GiB.") String offset,
            @Parameters(paramLabel = "LENGTH", defaultValue = "4KiB") String length)
            throws CtlException {
        String range = "?offset=%d&length=%d".formatted(size(offset), size(length));
        LbaInfo lba = client().get(path(name) + "/lba" + range, LbaInfo.class);
        print(lba, Details.lba(lba));
        return ExitCode.OK.code();
    }

    @Command(
            name = "wal",
            description = "The local log's files, and what each volume keeps in it.",
            mixinStandardHelpOptions = true)
    int wal() throws CtlException {
        WalInfo wal = client().get("inspect/wal", WalInfo.class);
        print(wal, Tables.wal(wal));
        return ExitCode.OK.code();
    }

    private AdminClient client() throws CtlException {
        return lsmctl.connection().client();
    }

    private void print(Object result, List<String> forPeople) {
        lsmctl.connection().print(command.commandLine().getOut(), result, forPeople);
    }

    private long size(String text) {
        try {
            return DataSize.parse(text).bytes();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private String path(String name) {
        if (!VolumeName.isLegal(name)) {
            throw new ParameterException(
                    command.commandLine(), "not a volume name: \"%s\"".formatted(name));
        }
        return "inspect/volumes/" + name;
    }
}
