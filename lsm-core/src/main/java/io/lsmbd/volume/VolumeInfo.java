package io.lsmbd.volume;

import io.lsmbd.manifest.Manifest;
import io.lsmbd.write.Pressure;

/**
 * A volume's figures at one moment.
 *
 * @param committedLsn the last record that a segment holds
 * @param unuploadedBytes of payload, in the log only: what loss of the host would cost
 * @param oldestUnuploadedNanos age of the oldest of these
 * @param pressure how near these are to what the volume may have of the log
 * @param failure why it no longer works; empty while it does
 */
public record VolumeInfo(
        Manifest manifest,
        long lastLsn,
        long committedLsn,
        long committedSegment,
        long unuploadedBytes,
        long oldestUnuploadedNanos,
        Pressure pressure,
        String failure) {}
