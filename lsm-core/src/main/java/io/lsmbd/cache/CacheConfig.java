package io.lsmbd.cache;

import io.lsmbd.model.DataSize;

/**
 * How much the caches may hold.
 *
 * @param memory plain frames in memory outside the heap; 0 switches the memory tier off
 * @param disk size of the file of frames on the local disk; 0 switches the disk tier off
 * @param maxLoading frames that are being loaded at one moment; at this bound readers wait
 */
public record CacheConfig(DataSize memory, DataSize disk, DataSize maxLoading) {
    public static final CacheConfig DEFAULT =
            new CacheConfig(
                    DataSize.ofMebibytes(512), DataSize.ofGibibytes(0), DataSize.ofMebibytes(64));

    public CacheConfig {
        if (maxLoading.bytes() < FrameCache.FRAME_BYTES) {
            throw new IllegalArgumentException(
                    "at least one frame of %d bytes must be loadable, maxLoading is %s"
                            .formatted(FrameCache.FRAME_BYTES, maxLoading));
        }
    }
}
