package io.lsmbd.env;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Lets tasks wait until something that another task changes has become true. Whoever changes the
 * state does so visibly (volatile, or under a lock that the condition takes), then calls {@link
 * #signalAll}. A condition must be quick and must not block.
 */
public interface Signal {
    /** Waits as long as it takes. */
    void await(BooleanSupplier condition);

    /** Waits at most that long; returns the condition's last value. */
    boolean await(BooleanSupplier condition, Duration atMost);

    void signalAll();
}
