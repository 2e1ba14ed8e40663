package io.lsmbd.server;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import java.util.concurrent.atomic.AtomicInteger;
import org.jline.utils.Signals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGTERM and SIGINT: the first asks the daemon to stop, the second ends the process at once, as
 * does a SIGKILL; what was acknowledged is in the log either way.
 */
final class StopSignals {
    private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);
    private final AtomicInteger received = new AtomicInteger();
    private final Signal changed;

    private StopSignals(Environment environment) {
        this.changed = environment.signal();
    }

    /** From now on the signals no longer end the process by themselves. */
    static StopSignals listen(Environment environment) {
        var signals = new StopSignals(environment);
        Signals.register("INT", () -> signals.received("SIGINT"));
        Signals.register("TERM", () -> signals.received("SIGTERM"));
        return signals;
    }

    private void received(String name) {
        if (received.getAndIncrement() > 0) {
            // Without a word, which the first one has said: the log may be what is stuck.
            Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code());
        }
        changed.signalAll();
        LOG.info("stopping, a second signal stops at once signal={}", name);
    }

    /** Whether the first signal has come. */
    boolean isStopping() {
        return received.get() > 0;
    }

    /** Waits for the first signal. */
    void await() {
        changed.await(this::isStopping);
    }
}
