package io.lsmbd.ctl;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says where a log is. */
final class LogFolder {
    @Option(
            names = "--wal-dir",
            paramLabel = "DIR",
            description =
                    "Look into the log itself, without a daemon: the folder wal in its data.dir.")
    private @Nullable Path given;

    /** The one that was given, or that of the data directory; null without either. */
    @Nullable Path of(Connection connection) {
        return given != null ? given : connection.log();
    }

    /** As {@link #of}, but a data directory may be without one. */
    @Nullable Path ifThere(Connection connection) {
        Path folder = of(connection);
        return given != null || (folder != null && Files.isDirectory(folder)) ? folder : null;
    }

    boolean isGiven() {
        return given != null;
    }
}
