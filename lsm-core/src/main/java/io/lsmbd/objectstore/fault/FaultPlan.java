package io.lsmbd.objectstore.fault;

import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Decides which request goes wrong, and how. Asked once per request, from any thread. */
@FunctionalInterface
public interface FaultPlan {
    /** The requests that an object store knows. */
    enum Operation {
        PUT,
        GET,
        READ,
        INFO,
        LIST,
        DELETE
    }

    /** For LIST, {@code key} is the prefix; for DELETE, the first key. */
    Optional<Fault> next(Operation operation, String key);

    /** Nothing ever goes wrong. */
    static FaultPlan none() {
        return (_, _) -> Optional.empty();
    }

    /** Only while the condition holds, so that a store can heal. */
    default FaultPlan during(BooleanSupplier condition) {
        return (operation, key) -> {
            // Always asked, so that healing does not shift what comes after it.
            Optional<Fault> fault = next(operation, key);
            return condition.getAsBoolean() ? fault : Optional.empty();
        };
    }
}
