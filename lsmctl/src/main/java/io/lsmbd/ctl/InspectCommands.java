package io.lsmbd.ctl;

import io.lsmbd.admin.api.LbaInfo;
import io.lsmbd.admin.api.SegmentDetail;
import io.lsmbd.admin.api.StoreInfo;
import io.lsmbd.admin.api.VerifyInfo;
import io.lsmbd.admin.api.VolumeDetail;
import io.lsmbd.admin.api.WalInfo;
import io.lsmbd.inspect.StoreInspector;
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
        String url = lsmctl.connection().store();
        StoreInfo store =
                url == null
                        ? client().get("inspect/store", StoreInfo.class)
                        : new Offline(url).ask(StoreInspector::store);
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
            description = {
                "A segment's tables; exit 6 if it is damaged.",
                "With --store, --verify --all reads every segment of a volume, or of the store."
            },
            mixinStandardHelpOptions = true)
    int segment(
            @Parameters(paramLabel = "VOLUME", arity = "0..1") @Nullable String name,
            @Parameters(paramLabel = "N", arity = "0..1") @Nullable Long number,
            @Option(names = "--frames", description = "List every frame and extent.")
                    boolean isFramesWanted,
            @Option(names = "--verify", description = "Read all of it and check every checksum.")
                    boolean isVerifyWanted,
            @Option(names = "--all", description = "Every segment; with --store and --verify.")
                    boolean isAllWanted)
            throws CtlException {
        if (isAllWanted) {
            return verifyAll(name, number, isVerifyWanted);
        }
        if (name == null || number == null) {
            throw mistake("which segment? VOLUME and N are missing");
        }
        SegmentDetail segment = segment(name, number, isVerifyWanted);
        List<String> lines = new ArrayList<>(Details.segment(segment));
        if (isFramesWanted) {
            lines.addAll(Details.frames(segment));
        }
        print(segment, lines);
        SegmentDetail.Verified verified = segment.verified();
        boolean isDamaged = verified != null && !verified.problems().isEmpty();
        return (isDamaged ? ExitCode.CORRUPT : ExitCode.OK).code();
    }

    private SegmentDetail segment(String name, long number, boolean isVerifyWanted)
            throws CtlException {
        String path = path(name);
        String url = lsmctl.connection().store();
        if (url == null) {
            String check = isVerifyWanted ? "?check=frames" : "";
            return client().get(path + "/segments/" + number + check, SegmentDetail.class);
        }
        var volume = new VolumeName(name);
        return new Offline(url)
                .ask(inspector ->
                        isVerifyWanted
                                ? inspector.verifiedSegment(volume, number)
                                : inspector.segment(volume, number));
    }

    private int verifyAll(@Nullable String name, @Nullable Long number, boolean isVerifyWanted)
            throws CtlException {
        String url = lsmctl.connection().store();
        if (url == null || !isVerifyWanted || number != null) {
            throw mistake("--all goes with --store and --verify, and without N");
        }
        if (name != null) {
            path(name);
        }
        VerifyInfo result =
                new Offline(url)
                        .ask(inspector ->
                                Offline.verifyAll(
                                        inspector,
                                        name == null
                                                ? inspector.names()
                                                : List.of(new VolumeName(name))));
        print(result, Details.verification(result));
        return (result.problems().isEmpty() ? ExitCode.OK : ExitCode.CORRUPT).code();
    }

    private ParameterException mistake(String message) {
        return new ParameterException(command.commandLine(), message);
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
        if (lsmctl.connection().store() != null) {
            throw mistake("this asks the daemon: without --store");
        }
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
            throw mistake("not a volume name: \"%s\"".formatted(name));
        }
        return "inspect/volumes/" + name;
    }
}
