package io.lsmbd.segment;

/** The first part of a segment, which its footer repeats. */
public record SegmentHeader(SegmentKind kind, SegmentIdentity identity) {}
