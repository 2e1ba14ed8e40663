package io.lsmbd.testkit;

import java.util.Optional;

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
}
