package io.lsmbd.ctl;

import io.lsmbd.admin.api.WalInfo;
import io.lsmbd.inspect.LogDescription;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code lsmctl inspect wal}: what is in the log, as the daemon has it or as it lies there. */
@Command(
        name = "wal",
        description = {
            "The local log's files, and what each volume keeps in it.",
            "",
            "With --wal-dir without a daemon: also where the log ends and why, how far it was",
            "synced and how it was left; exit 6 if it is damaged, which is told and left alone."
        },
        footer = {"  ${COMMAND-FULL-NAME}", "  ${COMMAND-FULL-NAME} --wal-dir /data/wal --records"},
        mixinStandardHelpOptions = true)
final class InspectWalCommand implements Callable<Integer> {
    private static final long DEFAULT_LIMIT = 1000;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @ParentCommand
    private InspectCommands inspect;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec command;

    @Mixin private LogFolder folder = new LogFolder();

    @Option(
            names = "--volume",
            paramLabel = "NAME|ID",
            description = "Only what concerns this volume; a name needs --store as well.")
    private @Nullable String volume;

    @Option(
            names = "--records",
            description = "List the records, oldest first; + means that the request goes on.")
    private boolean isRecordsWanted;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Of how many records at most. Default: " + DEFAULT_LIMIT + ".")
    private @Nullable Long limit;

    @Override
    public Integer call() throws CtlException {
        Path log = folder.of(inspect.connection());
        return (log == null ? askDaemon() : look(log)).code();
    }

    private ExitCode askDaemon() throws CtlException {
        if (inspect.connection().store() != null) {
            throw mistake("a store has no log: give --wal-dir, or ask the daemon without --store");
        }
        if (isRecordsWanted || volume != null || limit != null) {
            throw mistake("--records, --limit and --volume go with --wal-dir");
        }
        WalInfo wal = inspect.connection().client().get("inspect/wal", WalInfo.class);
        inspect.connection().print(out(), wal, LogTables.wal(wal));
        return ExitCode.OK;
    }

    private ExitCode look(Path log) throws CtlException {
        if (limit != null && (!isRecordsWanted || limit < 1)) {
            throw mistake("--limit takes 1 or more, and goes with --records");
        }
        VolumeId only = volume == null ? null : idOf(volume);
        return Offline.askLog(
                log,
                found -> {
                    WalInfo wal = LogDescription.of(found.report(), only);
                    if (isRecordsWanted) {
                        long most = limit == null ? DEFAULT_LIMIT : limit;
                        new RecordListing(out(), only, most)
                                .print(wal, found, inspect.connection().isJson());
                    } else {
                        inspect.connection().print(out(), wal, LogTables.wal(wal));
                    }
                    return found.report().damage().isEmpty() ? ExitCode.OK : ExitCode.CORRUPT;
                });
    }

    private VolumeId idOf(String text) throws CtlException {
        if (text.matches("[0-9a-f]{16}")) {
            return VolumeId.parse(text);
        }
        if (!VolumeName.isLegal(text)) {
            throw mistake("not a volume name: \"%s\"".formatted(text));
        }
        String url = inspect.connection().store();
        if (url == null) {
            throw mistake("the log knows ids only: for a name give --store as well");
        }
        return new Offline(url).ask(store -> store.idOf(new VolumeName(text)));
    }

    private PrintWriter out() {
        return command.commandLine().getOut();
    }

    private ParameterException mistake(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
