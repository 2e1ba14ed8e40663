package io.lsmbd.objectstore.probe;

import io.lsmbd.env.NanoClock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Ends after a while, so that a slow store makes a run coarser, not longer. */
final class Patience {
    private final NanoClock clock;
    private final long endNanos;

    Patience(NanoClock clock, Duration duration) {
        this.clock = clock;
        this.endNanos = clock.nanos() + TimeUnit.NANOSECONDS.convert(duration);
    }

    boolean isOver() {
        return clock.nanos() - endNanos >= 0;
    }
}
