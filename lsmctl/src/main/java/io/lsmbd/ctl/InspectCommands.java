package io.lsmbd.ctl;

import io.lsmbd.admin.api.LbaInfo;
import io.lsmbd.admin.api.SegmentDetail;
import io.lsmbd.admin.api.StoreInfo;
import io.lsmbd.admin.api.VerifyInfo;
import io.lsmbd.admin.api.VolumeDetail;
import io.lsmbd.inspect.LbaInspector;
import io.lsmbd.inspect.StoreInspector;
import io.lsmbd.inspect.VolumeInsides.Segments;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code lsmctl inspect}: what is stored where, down to the sector. */
@Command(
        name = "inspect",
        description = {
            "Look inside store, volumes, segments and log.",
            "",
            "With --store and --wal-dir without a daemon, or beside one; that changes nothing."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = InspectWalCommand.class,
        footer = {
            "  ${COMMAND-FULL-NAME} lba vol1 1GiB",
            "  ${COMMAND-FULL-NAME} volume vol1 --store /data/store --wal-dir /data/wal",
            "  ${COMMAND-FULL-NAME} wal --wal-dir /data/wal --records"
        })
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
            footer = "  ${COMMAND-FULL-NAME} --store file:///mnt/nas/lsmbd",
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
            description = {
                "A volume's epoch, writer, checkpoint, positions and live data.",
                "",
                "Without a daemon (--store) as the next start would find it, with --wal-dir also",
                "what the log holds of it beyond the segments."
            },
            footer = {
                "  ${COMMAND-FULL-NAME} vol1 --segments",
                "  ${COMMAND-FULL-NAME} vol1 --data-dir /var/lib/lsmbd"
            },
            mixinStandardHelpOptions = true)
    int volume(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--segments", description = "List live and dead data of each segment.")
                    boolean isEachWanted,
            @Mixin LogFolder log)
            throws CtlException {
        String path = path(name);
        Segments wanted = isEachWanted ? Segments.EACH : Segments.TOTALS;
        String url = lsmctl.connection().store();
        VolumeDetail detail =
                url == null
                        ? client(log)
                                .get(
                                        path + (isEachWanted ? "?segments=all" : ""),
                                        VolumeDetail.class)
                        : new Offline(url)
                                .askVolume(
                                        new VolumeName(name),
                                        log.ifThere(lsmctl.connection()),
                                        volume -> volume.detail(wanted));
        print(detail, Details.volume(detail));
        return ExitCode.OK.code();
    }

    @Command(
            name = "segment",
            description = {
                "A segment's tables; exit 6 if it is damaged.",
                "",
                "With --store, --verify --all reads every segment of a volume, or of the store."
            },
            footer = {
                "  ${COMMAND-FULL-NAME} vol1 7 --frames",
                "  ${COMMAND-FULL-NAME} --verify --all --store file:///mnt/nas/lsmbd"
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
            description = {
                "Where a range of a volume is: hole, log or segment.",
                "",
                "In the log with file and offset; in a segment with frame, codec and the",
                "checksum of the stored bytes. Without a daemon: --store, and --wal-dir for",
                "what only the log has."
            },
            footer = "  ${COMMAND-FULL-NAME} vol1 1GiB 64KiB",
            mixinStandardHelpOptions = true)
    int lba(
            @Parameters(paramLabel = "VOLUME") String name,
            @Parameters(paramLabel = "OFFSET", description = "In bytes, or as 1GiB.") String offset,
            @Parameters(
                            paramLabel = "LENGTH",
                            arity = "0..1",
                            defaultValue = "4KiB",
                            description = "Up to 1GiB. Default: ${DEFAULT-VALUE}.")
                    String length,
            @Mixin LogFolder log)
            throws CtlException {
        String path = path(name);
        long from = size(offset);
        long bytes = size(length);
        String url = lsmctl.connection().store();
        LbaInfo lba =
                url == null
                        ? client(log)
                                .get(
                                        path + "/lba?offset=%d&length=%d".formatted(from, bytes),
                                        LbaInfo.class)
                        : new Offline(url)
                                .askVolume(
                                        new VolumeName(name),
                                        log.ifThere(lsmctl.connection()),
                                        volume -> volume.lba(LbaInspector.range(from, bytes)));
        print(lba, Details.lba(lba));
        return ExitCode.OK.code();
    }

    private AdminClient client() throws CtlException {
        return lsmctl.connection().client();
    }

    private AdminClient client(LogFolder log) throws CtlException {
        if (log.isGiven()) {
            throw mistake("--wal-dir goes with --store: the log alone does not have the volume");
        }
        return client();
    }

    Connection connection() {
        return lsmctl.connection();
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
