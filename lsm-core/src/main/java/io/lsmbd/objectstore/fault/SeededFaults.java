package io.lsmbd.objectstore.fault;

import io.lsmbd.env.NanoClock;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Faults by chance, as one rule says. The same generator and the same requests in the same order
 * give the same faults; only storms depend on the clock.
 */
public final class SeededFaults implements FaultPlan {
    private final FaultRule rule;
    private final RandomGenerator random;
    private final NanoClock clock;
    private final long startedNanos;

    /** {@code random} is for this alone. */
    public SeededFaults(FaultRule rule, RandomGenerator random, NanoClock clock) {
        this.rule = rule;
        this.random = random;
        this.clock = clock;
        this.startedNanos = clock.nanos();
    }

    @Override
    public synchronized Optional<Fault> next(Operation operation, String key) {
        // Both are always drawn, so that what is not meant does not shift what comes after it.
        boolean strikes = random.nextDouble() < rule.probability();
        Fault fault = rule.source().next(random);
        return strikes && rule.target().includes(operation, key) && isInStorm()
                ? Optional.of(fault)
                : Optional.empty();
    }

    private boolean isInStorm() {
        Duration sinceStart = Duration.ofNanos(clock.nanos() - startedNanos);
        return rule.storms().map(storms -> storms.isBlowing(sinceStart)).orElse(true);
    }
}
