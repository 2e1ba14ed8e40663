package io.lsmbd.admin.api;

import org.jspecify.annotations.Nullable;

/**
 * A volume at a glance.
 *
 * @param id 16 hexadecimal digits, the volume's folder in the store
 * @param sizeBytes what clients see
 * @param liveBytes mapped data
 * @param storedBytes what its objects take in the store, before collection of what is dead
 * @param unuploadedBytes acknowledged but only on this host, as clients wrote them
 * @param unuploadedAgeMillis age of the oldest of these; 0 if there are none, or nobody knows
 * @param logFullness the share of what the volume may have of the log that these take: beyond 0.75
 *     writes slow down, at 1 they wait. Small writes take memory rather than log, and count by it
 * @param clients NBD connections that have it open
 * @param problem why it is not online
 */
public record VolumeInfo(
        String name,
        String id,
        VolumeState state,
        long sizeBytes,
        long liveBytes,
        long storedBytes,
        long unuploadedBytes,
        long unuploadedAgeMillis,
        double logFullness,
        int clients,
        CompressionText compression,
        Durability durability,
        @Nullable String problem) {}
