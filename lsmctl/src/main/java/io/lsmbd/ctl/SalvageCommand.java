package io.lsmbd.ctl;

import io.lsmbd.admin.api.SalvageInfo;
import io.lsmbd.error.StorageException;
import io.lsmbd.inspect.Salvage;
import io.lsmbd.model.VolumeName;
import java.nio.file.Path;
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
            "that a segment holds it is there.",
            "",
            "If the log is damaged, all that cannot be read is told, in FILE.json too, and the",
            "exit code is 7. What is written out ends where the first record is missing: so",
            "it is a state that the volume was in. With --all later records are as well."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "  ${COMMAND-FULL-NAME} vol1 --store URL --wal-dir /var/lib/lsmbd/wal",
            "  ${COMMAND-FULL-NAME} vol1 --store URL --wal-dir DIR --to vol1.img",
            "  ${COMMAND-FULL-NAME} vol1 --store URL --wal-dir DIR --to all.img --all"
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

    @Option(
            names = "--all",
            description = "Records behind missing ones, too: no state that the volume was in.")
    private boolean isAll;

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
        SalvageInfo info =
                new Offline(url)
                        .salvage(
                                new VolumeName(name),
                                log,
                                isAll ? Salvage.Extent.ALL : Salvage.Extent.PREFIX,
                                this::save);
        List<String> lines = new SalvageText(info, isAll).lines(image);
        wal.connection().print(command.commandLine().getOut(), info, lines);
        return exitCode(info).code();
    }

    private static ExitCode exitCode(SalvageInfo info) {
        if (info.isComplete()) {
            return ExitCode.OK;
        }
        return info.records() == 0 ? ExitCode.CORRUPT : ExitCode.INCOMPLETE;
    }

    private SalvageInfo save(Salvage salvage) throws StorageException, CtlException {
        SalvageInfo info = salvage.describe();
        if (image != null && info.records() > 0) {
            new SalvagedFiles(image)
                    .write(info.imageBytes(), salvage::writeTo, Connection.json(info) + "\n");
        }
        return info;
    }

    private ParameterException mistake(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
