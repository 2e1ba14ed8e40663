package io.lsmbd.volume;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import io.lsmbd.error.StorageException;
import io.lsmbd.write.WritePath;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The wait for the last uploads, bounded: a store that is down must not hold up a shutdown. */
final class Shutdown {
    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);
    private final Environment environment;
    private final WritePath writes;
    private final Duration patience;

    /** How the drain ended; written by its task, then signalled. */
    private volatile Ending ending = Ending.RUNNING;

    private enum Ending {
        RUNNING,
        DRAINED,
        FAILED
    }

    Shutdown(Environment environment, WritePath writes, Duration patience) {
        this.environment = environment;
        this.writes = writes;
        this.patience = patience;
    }

    /** True if everything is in the store. */
    boolean drain() {
        Signal signal = environment.signal();
        environment.spawnVirtual(
                "drain",
                () -> {
                    try {
                        writes.drain();
                        ending = Ending.DRAINED;
                    } catch (StorageException e) {
                        LOG.warn("not drained reason={}", e.getMessage());
                        ending = Ending.FAILED;
                    }
                    signal.signalAll();
                });
        if (!signal.await(() -> ending != Ending.RUNNING, patience)) {
            LOG.warn(
                    "not drained in time, the log keeps it unuploadedBytes={} waited={}",
                    writes.unuploadedBytes(),
                    patience);
        }
        return ending == Ending.DRAINED;
    }
}
