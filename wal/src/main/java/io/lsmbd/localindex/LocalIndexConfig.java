package io.lsmbd.localindex;

import io.lsmbd.model.DataSize;

/**
 * The native memory and the threads of the local index, whatever the number of volumes.
 *
 * @param cache blocks, block indexes and filters, and the write buffers, which are charged to it
 * @param writeBuffers what may wait for a flush; at most half of {@code cache}
 * @param backgroundJobs threads that flush and merge files
 * @param maxOpenFiles files kept open
 */
public record LocalIndexConfig(
        DataSize cache, DataSize writeBuffers, int backgroundJobs, int maxOpenFiles) {
    public static final LocalIndexConfig DEFAULT =
            new LocalIndexConfig(DataSize.ofMebibytes(128), DataSize.ofMebibytes(32), 2, 512);

    private static final long MIN_WRITE_BUFFERS = 1 << 20;

    public LocalIndexConfig {
        if (writeBuffers.bytes() < MIN_WRITE_BUFFERS || writeBuffers.bytes() > cache.bytes() / 2) {
            throw new IllegalArgumentException(
                    "write buffers must have 1MiB to half of the cache (%s), not %s"
                            .formatted(cache, writeBuffers));
        }
        if (backgroundJobs < 1 || backgroundJobs > 16) {
            throw new IllegalArgumentException(
                    "background jobs must be 1 to 16, not " + backgroundJobs);
        }
        if (maxOpenFiles < 64) {
            throw new IllegalArgumentException("at least 64 open files, not " + maxOpenFiles);
        }
    }
}
