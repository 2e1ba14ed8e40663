package io.lsmbd.manifest;

import io.lsmbd.extent.CheckpointRef;
import org.jspecify.annotations.Nullable;

/**
 * The state that recovery starts from: the extent map as of {@code segment}.
 *
 * @param segment every segment up to this number is in the map; 0 for a new volume
 * @param epoch the highest epoch among these segments; older objects that follow do not count
 * @param lastLsn the last record that these segments hold
 * @param map where the map's pages are; absent while nothing was ever mapped
 * @param nextMapObject the number that the next checkpoint object may take
 */
public record Checkpoint(
        long segment, long epoch, long lastLsn, @Nullable CheckpointRef map, long nextMapObject) {
    public static final Checkpoint EMPTY = new Checkpoint(0, 0, 0, null, 1);
}
