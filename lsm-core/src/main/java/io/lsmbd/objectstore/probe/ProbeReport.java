package io.lsmbd.objectstore.probe;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Everything that one run found out, in the order in which it was tried.
 *
 * @param format {@link #FORMAT}, or what an older version wrote
 * @param store its location, without secrets
 * @param atMillis when the run began, by the clock of the host that it ran on
 * @param writers that raced
 * @param rounds of each race, unless its check tells of fewer
 */
public record ProbeReport(
        int format,
        String store,
        long atMillis,
        long tookMillis,
        int writers,
        int rounds,
        List<CheckResult> checks) {
    /** 2 knows {@link Verdict#UNANSWERED}; in 1 that is a failure like others. */
    public static final int FORMAT = 2;

    /** Those that fencing rests on: a store that fails one of them has no safe second writer. */
    static final Set<String> CONDITIONAL_WRITES =
            Set.of(
                    StoreProbe.REFUSED_CREATE,
                    StoreProbe.CREATE_RACE,
                    StoreProbe.STALE_SWAP,
                    StoreProbe.SWAP_RACE);

    public ProbeReport {
        checks = List.copyOf(checks);
    }

    /** The same, and what else is known of the store. */
    public ProbeReport with(List<CheckResult> more) {
        List<CheckResult> all = new ArrayList<>(checks);
        all.addAll(more);
        return new ProbeReport(format, store, atMillis, tookMillis, writers, rounds, all);
    }

    /** Whether every check was answered and none failed; else some may have been skipped. */
    public boolean hasPassed() {
        return checks.stream().noneMatch(CheckResult::isBad);
    }

    /** What was seen not to work of that; empty does not say that it does. */
    public List<CheckResult> brokenConditionalWrites() {
        return checks.stream()
                .filter(check -> CONDITIONAL_WRITES.contains(check.name()))
                .filter(check -> check.verdict() == Verdict.FAILED)
                .toList();
    }

    /** Whether it was seen, and not only not refuted, that conditional writes work. */
    public boolean hasConditionalWrites() {
        return checks.stream()
                        .filter(check -> CONDITIONAL_WRITES.contains(check.name()))
                        .filter(check ->
                                check.verdict() == Verdict.OK || check.verdict() == Verdict.WARNING)
                        .count()
                == CONDITIONAL_WRITES.size();
    }
}
