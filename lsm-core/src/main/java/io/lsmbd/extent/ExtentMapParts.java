package io.lsmbd.extent;

/** What a map's readers and its applier share. */
record ExtentMapParts(
        PageRadix radix,
        PageLoader loader,
        StoredPages stored,
        SegmentTable table,
        PageBudget budget) {}
