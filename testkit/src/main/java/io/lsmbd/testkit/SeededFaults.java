package io.lsmbd.testkit;

import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Faults by chance: each request meets one of the given faults with the given probability. The same
 * generator and the same requests in the same order give the same faults.
 */
public final class SeededFaults implements FaultPlan {
    private final RandomGenerator random;
    private final double probability;
    private final List<Fault> faults;
    private final BooleanSupplier isActive;

    /** Always active. */
    public SeededFaults(RandomGenerator random, double probability, List<Fault> faults) {
        this(random, probability, faults, () -> true);
    }

    /** Active only while the condition holds, so that a test can let the store heal. */
    public SeededFaults(
            RandomGenerator random,
            double probability,
            List<Fault> faults,
            BooleanSupplier isActive) {
        this.random = random;
        this.probability = probability;
        this.faults = List.copyOf(faults);
        this.isActive = isActive;
    }

    /** The faults of a bad network in front of a correct store. */
    public static List<Fault> network() {
        return List.of(new Fault.LostRequest(), new Fault.LostReply(), new Fault.Unavailable());
    }

    @Override
    public synchronized Optional<Fault> next(Operation operation, String key) {
        // Both are always drawn, so that healing does not shift what comes after it.
        boolean strikes = random.nextDouble() < probability;
        Fault fault = faults.get(random.nextInt(faults.size()));
        return strikes && isActive.getAsBoolean() ? Optional.of(fault) : Optional.empty();
    }
}
