package io.lsmbd.server;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import io.lsmbd.env.Task;
import io.lsmbd.model.DataSize;
import java.time.Duration;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what is still to be done while the daemon stops: at once, and again every few seconds. */
final class StopProgress implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StopProgress.class);
    private static final Duration PERIOD = Duration.ofSeconds(2);

    /** What a stop waits for. Both are quick, and answer from any thread. */
    record Remaining(IntSupplier clients, LongSupplier unuploadedBytes) {
        static final Remaining NOTHING = new Remaining(() -> 0, () -> 0);
    }

    private final Remaining remaining;
    private final Signal closing;
    private final Task task;
    private volatile boolean isClosed;

    private StopProgress(Environment environment, Remaining remaining) {
        this.remaining = remaining;
        this.closing = environment.signal();
        this.task = environment.spawnVirtual("stop-progress", this::run);
    }

    static StopProgress start(Environment environment, Remaining remaining) {
        tell(remaining);
        return new StopProgress(environment, remaining);
    }

    private static void tell(Remaining remaining) {
        int clients = remaining.clients().getAsInt();
        long bytes = remaining.unuploadedBytes().getAsLong();
        if (clients > 0 || bytes > 0) {
            LOG.info("still to do clients={} unuploaded={}", clients, new DataSize(bytes));
        }
    }

    private void run() {
        while (!closing.await(() -> isClosed, PERIOD)) {
            tell(remaining);
        }
    }

    @Override
    public void close() {
        isClosed = true;
        closing.signalAll();
        task.join();
    }
}
