package io.lsmbd.server;

import io.lsmbd.config.Settings;
import io.lsmbd.volume.VolumesConfig.OnPossibleLoss;
import java.time.Duration;

/** {@code [recovery]}: what to do when the host went down with unsynced writes in the WAL. */
public record RecoverySection(OnPossibleLoss onPossibleLoss, Duration lease) {

    public RecoverySection {
        Bounds.check("recovery.lease", lease, Duration.ofSeconds(1), Duration.ofMinutes(10));
    }

    static RecoverySection read(Settings in) {
        return new RecoverySection(
                in.choice(
                        "recovery.on-possible-loss",
                        OnPossibleLoss.values(),
                        "serve",
                        "After a power loss with unsynced writes: serve the volume and report, "
                                + "or refuse until `lsmctl volume accept-loss`."),
                in.duration(
                        "recovery.lease",
                        "10s",
                        "How long a daemon that went silent keeps its volumes from other hosts."));
    }
}
