package io.lsmbd.server;

import io.lsmbd.config.Settings;
import java.time.Duration;

/** {@code [shutdown]}: how patiently the daemon ends. */
public record ShutdownSection(Duration drainTimeout, Duration uploadTimeout) {
    public ShutdownSection {
        Bounds.check("shutdown.drain-timeout", drainTimeout, Duration.ZERO, Duration.ofHours(1));
        Bounds.check("shutdown.upload-timeout", uploadTimeout, Duration.ZERO, Duration.ofHours(1));
    }

    static ShutdownSection read(Settings in) {
        return new ShutdownSection(
                in.duration(
                        "shutdown.drain-timeout",
                        "10s",
                        "How long requests under way may take to finish after SIGTERM."),
                in.duration(
                        "shutdown.upload-timeout",
                        "60s",
                        "How long the last uploads may take; what is left stays in the WAL."));
    }
}
