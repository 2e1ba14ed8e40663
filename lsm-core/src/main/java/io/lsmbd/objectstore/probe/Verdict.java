package io.lsmbd.objectstore.probe;

/** How a check ended. */
public enum Verdict {
    OK,

    /** lsmbd works with it, at a cost that the hint tells. */
    WARNING,

    /** lsmbd relies on what is missing. */
    FAILED,

    /** No answer, or none that is clear: nothing is known. */
    UNANSWERED,

    /** Not tried, because what it builds on failed: nothing is known. */
    SKIPPED
}
