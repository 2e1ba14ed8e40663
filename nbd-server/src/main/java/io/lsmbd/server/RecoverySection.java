package io.lsmbd.server;

import io.lsmbd.config.Settings;

/** {@code [recovery]}: what to do when the host went down with unsynced writes in the WAL. */
public record RecoverySection(OnPossibleLoss onPossibleLoss) {
    /** Whether a volume that may have lost acknowledged, unflushed writes is served. */
    public enum OnPossibleLoss {
        SERVE,
        REFUSE
    }

    static RecoverySection read(Settings in) {
        return new RecoverySection(
                in.choice(
                        "recovery.on-possible-loss",
                        OnPossibleLoss.values(),
                        "serve",
                        "After a power loss with unsynced writes: serve the volume and report, "
                                + "or refuse until `lsmctl volume accept-loss`."));
    }
}
