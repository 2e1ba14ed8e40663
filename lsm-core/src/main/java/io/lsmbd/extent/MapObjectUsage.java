package io.lsmbd.extent;

/**
 * How much of a map object a checkpoint still refers to.
 *
 * @param object the map object's number
 * @param storedBytes its pieces when it was written
 * @param liveBytes those of them that the checkpoint refers to; at least 1
 */
public record MapObjectUsage(long object, long storedBytes, long liveBytes) {
    public MapObjectUsage {
        if (object < 0 || liveBytes < 1 || storedBytes < liveBytes) {
            throw new IllegalArgumentException(
                    "no such usage: object=%d stored=%d live=%d"
                            .formatted(object, storedBytes, liveBytes));
        }
    }
}
