package io.lsmbd.objectstore.probe;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What came of one check.
 *
 * @param name the same in every version: {@code create-race}
 * @param finding what was seen, in a sentence for people
 * @param figures what was counted or measured, with the unit at the end of the name
 * @param hint what to do about it; empty if nothing is to be done
 */
public record CheckResult(
        String name, Verdict verdict, String finding, Map<String, Long> figures, String hint) {
    private static final int MAX_FINDING = 500;

    public CheckResult {
        // A store's own message may be a page of HTML.
        finding =
                finding.length() <= MAX_FINDING ? finding : finding.substring(0, MAX_FINDING) + "…";
        figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    }

    /** Whether it tells against the store, or nothing at all. */
    boolean isBad() {
        return verdict == Verdict.FAILED || verdict == Verdict.UNANSWERED;
    }
}
