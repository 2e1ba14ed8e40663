package io.lsmbd.read;

import io.lsmbd.env.Environment;
import io.lsmbd.error.StorageException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings in what a sequential reader of a volume will ask for next. Drops work at its bound. */
public final class ReadAhead {
    private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);
    private static final int MAX_RUNNING = 2;

    private final Environment environment;
    private final ReadPath reads;
    private final SequentialDetector detector = new SequentialDetector();
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicInteger running = new AtomicInteger();

    public ReadAhead(Environment environment, ReadPath reads) {
        this.environment = environment;
        this.reads = reads;
    }

    /**
     * A read happened. Never waits: where another thread is looking already, this look is skipped.
     *
     * @param endLba where the volume ends now
     */
    public void observe(long lba, int sectors, long endLba) {
        if (!lock.tryLock()) {
            return;
        }
        long from;
        long length;
        try {
            length = detector.observe(lba, sectors);
            from = detector.windowStart();
        } finally {
            lock.unlock();
        }
        long end = Math.min(endLba, from + length);
        if (length > 0 && end > from) {
            start(from, end - from);
        }
    }

    private void start(long lba, long sectors) {
        if (running.incrementAndGet() > MAX_RUNNING) {
            running.decrementAndGet();
            return;
        }
        environment.spawnVirtual(
                "read-ahead",
                () -> {
                    try {
                        reads.warm(lba, sectors, () -> true);
                    } catch (StorageException e) {
                        // The reader that comes here meets the error itself, and is told.
                        LOG.debug("read-ahead failed lba={} reason={}", lba, e.getMessage());
                    } finally {
                        running.decrementAndGet();
                    }
                });
    }
}
