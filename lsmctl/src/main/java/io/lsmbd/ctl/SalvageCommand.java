package io.lsmbd.ctl;

import io.lsmbd.admin.api.SalvageInfo;
import io.lsmbd.error.StorageException;
import io.lsmbd.inspect.Salvage;
import io.lsmbd.model.VolumeName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code lsmctl wal salvage}: writes out what a log alone has of a volume. */
@Command(
        name = "salvage",
        description = {
            "Write out what a log alone holds of a volume that another host took over.",
            "",
            "Without --to only tells what there is. FILE becomes a sparse image of the",
            "volume's size, or as large as the data need, with these data at their places",
            "and holes elsewhere; FILE.json tells which ranges they are, and which were",
            "zeroed. Neither log nor store is changed. A record of which it is not certain",
            "that a segment holds it is there."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "  ${COMMAND-FULL-NAME} vol1 --store URL --wal-dir /var/lib/lsmbd/wal",
            "  ${COMMAND-FULL-NAME} vol1 --store URL --wal-dir DIR --to vol1.img"
        })
final class SalvageCommand implements Callable<Integer> {
    @SuppressWarnings("NullAway.Init") // picocli sets it
    @ParentCommand
    private WalCommands wal;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec command;

    @Mixin private LogFolder folder = new LogFolder();

    @Parameters(paramLabel = "NAME", description = "A volume's, as in the store.")
    private String name = "";

    @Option(names = "--to", paramLabel = "FILE", description = "An image that is not there yet.")
    private @Nullable Path image;

    @Override
    public Integer call() throws CtlException {
        String url = wal.connection().store();
        Path log = folder.of(wal.connection());
        if (url == null || log == null) {
            throw mistake("which log, of which store? it takes --store and --wal-dir");
        }
        if (!VolumeName.isLegal(name)) {
            throw mistake("not a volume name: \"%s\"".formatted(name));
        }
        SalvageInfo info = new Offline(url).salvage(new VolumeName(name), log, this::save);
        wal.connection().print(command.commandLine().getOut(), info, lines(info));
        return ExitCode.OK.code();
    }

    private SalvageInfo save(Salvage salvage) throws StorageException, CtlException {
        SalvageInfo info = salvage.describe();
        if (image != null && info.records() > 0) {
            new SalvagedFiles(image)
                    .write(info.imageBytes(), salvage::writeTo, Connection.json(info) + "\n");
        }
        return info;
    }

    private List<String> lines(SalvageInfo info) {
        if (info.records() == 0) {
            return List.of(
                    "volume %s: the log holds nothing that is lost to it".formatted(info.volume()));
        }
        List<String> lines = new ArrayList<>();
        lines.add(
                "volume  %s   id %s   epoch %d now"
                        .formatted(info.volume(), info.id(), info.takenOverBy()));
        for (SalvageInfo.Part part : info.epochs()) {
            lines.add(
                    "epoch   %d   %s, LSN %d to %d"
                            .formatted(
                                    part.epoch(),
                                    Units.count(part.records(), "record"),
                                    part.firstLsn(),
                                    part.lastLsn()));
        }
        lines.add(
                "holds   %s of data, %s zeroed, in %s"
                        .formatted(
                                Units.bytes(info.dataBytes()),
                                Units.bytes(info.zeroBytes()),
                                Units.count(info.ranges().size(), "range")));
        if (info.imageBytes() > info.sizeBytes()) {
            lines.add(
                    "beyond  the volume's end, %s by now: %s of data; the image is larger, %s"
                            .formatted(
                                    Units.bytes(info.sizeBytes()),
                                    Units.bytes(info.beyondEndBytes()),
                                    Units.bytes(info.imageBytes())));
        }
        lines.add(
                image == null
                        ? "nothing was written: --to FILE writes it out"
                        : "image   %s   ranges %s"
                                .formatted(image, new SalvagedFiles(image).ranges()));
        return lines;
    }

    private ParameterException mistake(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
