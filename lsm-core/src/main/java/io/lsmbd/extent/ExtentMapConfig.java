package io.lsmbd.extent;

import io.lsmbd.model.DataSize;

/**
 * Of one volume's extent map.
 *
 * @param changedPages heap for pages newer than the local index, before they are written back
 * @param mapObject a checkpoint's objects are not much larger than this
 * @param readAhead what is read at once from a map object
 */
public record ExtentMapConfig(DataSize changedPages, DataSize mapObject, DataSize readAhead) {
    public static final ExtentMapConfig DEFAULT =
            new ExtentMapConfig(
                    DataSize.ofMebibytes(32), DataSize.ofMebibytes(16), new DataSize(256 << 10));

    private static final long MAX_OBJECT_BYTES = 1 << 30;
    private static final long MAX_READ_AHEAD_BYTES = 16 << 20;

    public ExtentMapConfig {
        if (mapObject.bytes() < 1 || mapObject.bytes() > MAX_OBJECT_BYTES) {
            throw new IllegalArgumentException("map objects of 1B to 1GiB, not " + mapObject);
        }
        if (readAhead.bytes() > MAX_READ_AHEAD_BYTES) {
            throw new IllegalArgumentException("read-ahead of at most 16MiB, not " + readAhead);
        }
    }
}
