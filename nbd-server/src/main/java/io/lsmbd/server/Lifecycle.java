package io.lsmbd.server;

import io.lsmbd.admin.Readiness;
import java.util.List;

/** What the daemon is doing. Changed by the main thread, read by any. */
final class Lifecycle implements Readiness {
    /** The daemon's life, in order. */
    enum Phase {
        STARTING,
        READY,
        STOPPING
    }

    private volatile Phase phase = Phase.STARTING;

    void enter(Phase next) {
        phase = next;
    }

    @Override
    public List<String> obstacles() {
        return switch (phase) {
            case STARTING -> List.of("starting: recovering the log and attaching volumes");
            case READY -> List.of();
            case STOPPING -> List.of("stopping");
        };
    }
}
