package io.lsmbd.objectstore.fault;

import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectKey.Area;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Which requests meet a fault, and how often.
 *
 * @param text as somebody wrote it, for logs
 * @param probability more than 0, at most 1
 * @param storms absent: it strikes at any time
 */
public record FaultRule(
        String text, Source source, Target target, double probability, Optional<Storms> storms) {
    /** Where the fault of one request comes from; draws the same amount of chance each time. */
    @FunctionalInterface
    public interface Source {
        Fault next(RandomGenerator random);

        /** Always the same. */
        static Source of(Fault fault) {
            return _ -> fault;
        }
    }

    /**
     * What a request must be.
     *
     * @param prefix of its key; of a list, of what it lists; of a delete, of its first key
     * @param area absent: any
     */
    public record Target(Set<Operation> operations, String prefix, Optional<Area> area) {
        public Target {
            operations = Set.copyOf(operations);
        }

        boolean includes(Operation operation, String key) {
            return operations.contains(operation)
                    && key.startsWith(prefix)
                    && area.map(wanted -> ObjectKey.areaOf(key) == wanted).orElse(true);
        }
    }

    /** A time in which it strikes begins now and then; the first one at once. */
    public record Storms(Duration every, Duration lasting) {
        public Storms {
            if (!lasting.isPositive() || lasting.compareTo(every) > 0) {
                throw new IllegalArgumentException(
                        "a storm of %s every %s".formatted(lasting, every));
            }
        }

        boolean isBlowing(Duration sinceStart) {
            return sinceStart.toNanos() % every.toNanos() < lasting.toNanos();
        }
    }

    public FaultRule {
        if (!(probability > 0 && probability <= 1)) {
            throw new IllegalArgumentException("a probability of " + probability);
        }
    }

    /**
     * Reads a rule such as {@code latency op=put prefix=v/ p=0.1 ms=20}: a fault and {@code
     * name=value} pairs, separated by blanks; docs/FAULTS.md lists them.
     *
     * @throws IllegalArgumentException if it makes no sense; the message says what would
     */
    public static FaultRule parse(String text) {
        return new FaultRuleParser(text).rule();
    }
}
