package io.lsmbd.volume;

import io.lsmbd.model.DataSize;
import io.lsmbd.write.UploadPolicy;
import java.time.Duration;

/**
 * What the engine of all volumes is to keep to.
 *
 * @param directory identity of the data directory, random, kept in it
 * @param walBudget un-uploaded bytes of all volumes together
 * @param walMaxRecords un-uploaded records of all volumes together
 * @param mapPages heap for pages of extent maps
 * @param frameTableBytes heap for frame tables
 * @param lease how long a silent writer counts as alive
 * @param readTimeout how long a read of what is in the store alone waits for that
 * @param shutdownPatience how long a detach waits for the store
 * @param onPossibleLoss what to do with a volume that may have lost acknowledged writes
 */
public record VolumesConfig(
        String directory,
        UploadPolicy upload,
        int builders,
        DataSize walBudget,
        long walMaxRecords,
        DataSize mapPages,
        DataSize frameTableBytes,
        Duration lease,
        Duration readTimeout,
        Duration shutdownPatience,
        OnPossibleLoss onPossibleLoss) {

    /** See the promise for a host that loses power, DESIGN.md 1. */
    public enum OnPossibleLoss {
        SERVE,
        REFUSE
    }
}
