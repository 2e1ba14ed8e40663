package io.lsmbd.nbd.limits;

import io.lsmbd.env.NanoClock;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes into the log what clients do wrong, so sparingly that nobody can fill it: beyond a few
 * lines in an interval they are only counted. Thread-safe.
 */
public final class Complaints {
    private static final Logger log = LoggerFactory.getLogger(Complaints.class);
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");
    private static final int LINES = 20;
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final NanoClock clock;
    private final ReentrantLock lock = new ReentrantLock();

    // The following belong to whoever holds the lock.
    private long intervalStart;
    private int lines;
    private long leftOut;

    public Complaints(NanoClock clock) {
        this.clock = clock;
        this.intervalStart = clock.nanos();
    }

    /** Tells at INFO that {@code peer} did something, in one line whatever its text is. */
    public void about(Object peer, String what, String reason) {
        long before = 0;
        lock.lock();
        try {
            long now = clock.nanos();
            if (now - intervalStart >= INTERVAL.toNanos()) {
                before = leftOut;
                intervalStart = now;
                lines = 0;
                leftOut = 0;
            }
            if (lines == LINES) {
                leftOut++;
                return;
            }
            lines++;
        } finally {
            lock.unlock();
        }
        if (before > 0) {
            log.info("lines about clients left out count={}", before);
        }
        log.info("{} peer={} reason={}", what, name(peer), CONTROL.matcher(reason).replaceAll(" "));
    }

    /** Clients of a Unix socket have an address without text. */
    private static String name(Object peer) {
        String text = peer.toString();
        return text.isEmpty() ? "unix" : text;
    }
}
