package io.lsmbd.volume;

import io.lsmbd.manifest.Manifest;

/**
 * A volume's figures at one moment.
 *
 * @param committedLsn the last record that a segment holds
 * @param unuploadedBytes in the log only: what loss of the host would cost
 * @param oldestUnuploadedNanos age of the oldest of these
 * @param failure why it no longer works; empty while it does
 */
public record VolumeInfo(
        Manifest manifest,
        long lastLsn,
        long committedLsn,
        long committedSegment,
        long unuploadedBytes,
        long oldestUnuploadedNanos,
        String failure) {}
