package io.lsmbd.server;

import io.lsmbd.config.Settings;
import java.nio.file.Path;

/** {@code [data]}: the daemon's place on the local disk. */
public record DataSection(Path dir) {
    static DataSection read(Settings in) {
        return new DataSection(
                Path.of(
                        in.text(
                                "data.dir",
                                "/var/lib/lsmbd",
                                "Folder of the WAL, the local index and the disk cache. One "
                                        + "daemon per folder.")));
    }
}
