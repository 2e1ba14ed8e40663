package io.lsmbd.manifest;

/**
 * A liveness hint: while {@code renewals} goes on counting, its writer lives. A writer with nothing
 * to write lets it lapse, so that idle volumes cost no request.
 */
public record Lease(long durationMillis, long renewals) {}
