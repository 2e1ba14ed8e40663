package io.lsmbd.testkit;

import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Faults that a test asked for, one by one; each is used for the next requests that it fits. */
public final class ScriptedFaults implements FaultPlan {
    private final List<Rule> rules = new ArrayList<>();

    private static final class Rule {
        private final Operation operation;
        private final String prefix;
        private final Fault fault;
        private int times;

        Rule(Operation operation, String prefix, Fault fault, int times) {
            this.operation = operation;
            this.prefix = prefix;
            this.fault = fault;
            this.times = times;
        }
    }

    /** The next such request. */
    public ScriptedFaults once(Operation operation, String keyPrefix, Fault fault) {
        return times(1, operation, keyPrefix, fault);
    }

    /** Every such request, until {@link #clear}. */
    public ScriptedFaults always(Operation operation, String keyPrefix, Fault fault) {
        return times(Integer.MAX_VALUE, operation, keyPrefix, fault);
    }

    /** That many such requests; rules are used up in the order in which they were given. */
    public synchronized ScriptedFaults times(
            int times, Operation operation, String keyPrefix, Fault fault) {
        rules.add(new Rule(operation, keyPrefix, fault, times));
        return this;
    }

    /** All goes well from now on. */
    public synchronized void clear() {
        rules.clear();
    }

    /** Whether every fault was met; those of {@link #always} never are. */
    public synchronized boolean isUsedUp() {
        return rules.isEmpty();
    }

    @Override
    public synchronized Optional<Fault> next(Operation operation, String key) {
        for (Iterator<Rule> all = rules.iterator(); all.hasNext(); ) {
            Rule rule = all.next();
            if (rule.operation == operation && key.startsWith(rule.prefix)) {
                if (rule.times != Integer.MAX_VALUE) {
                    rule.times--;
                }
                if (rule.times == 0) {
                    all.remove();
                }
                return Optional.of(rule.fault);
            }
        }
        return Optional.empty();
    }
}
