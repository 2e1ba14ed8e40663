package io.lsmbd.server;

import io.lsmbd.admin.Readiness;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What the daemon is doing. Changed by the main thread, read by any. */
final class Lifecycle implements Readiness {
    /** The daemon's life, in order. */
    enum Phase {
        STARTING,
        READY,
        STOPPING
    }

    private volatile Phase phase = Phase.STARTING;
    private volatile Supplier<List<String>> problems = List::of;

    void enter(Phase next) {
        phase = next;
    }

    /** Whom to ask what is wrong. */
    void watch(Supplier<List<String>> source) {
        problems = source;
    }

    @Override
    public List<String> problems() {
        return problems.get();
    }

    @Override
    public List<String> obstacles() {
        return switch (phase) {
            case STARTING -> starting();
            case READY -> List.of();
            case STOPPING -> List.of("stopping");
        };
    }

    private List<String> starting() {
        List<String> all = new ArrayList<>();
        all.add("starting: recovering the log and attaching volumes");
        all.addAll(problems());
        return all;
    }
}
