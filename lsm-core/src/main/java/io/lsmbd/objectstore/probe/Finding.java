package io.lsmbd.objectstore.probe;

import java.util.LinkedHashMap;
import java.util.Map;

/** A check's outcome, before it is known by its name. */
record Finding(Verdict verdict, String text, Map<String, Long> figures, String hint) {
    static Finding ok(String text) {
        return new Finding(Verdict.OK, text, Map.of(), "");
    }

    static Finding warning(String text, String hint) {
        return new Finding(Verdict.WARNING, text, Map.of(), hint);
    }

    static Finding failed(String text, String hint) {
        return new Finding(Verdict.FAILED, text, Map.of(), hint);
    }

    static Finding unanswered(String text, String hint) {
        return new Finding(Verdict.UNANSWERED, text, Map.of(), hint);
    }

    static Finding skipped(String text) {
        return new Finding(Verdict.SKIPPED, text, Map.of(), "");
    }

    /** The same with one more figure. */
    Finding with(String name, long value) {
        Map<String, Long> more = new LinkedHashMap<>(figures);
        more.put(name, value);
        return new Finding(verdict, text, more, hint);
    }
}
