package io.lsmbd.extent;

import org.jspecify.annotations.Nullable;

/**
 * A checkpoint as the manifest names it: all that is needed to open the map as of a segment.
 *
 * @param number the map object that completes the checkpoint; also the highest number that it uses
 * @param segment every segment up to this number is in the map
 * @param rootLevel the level of {@code root}: it covers 256^level pages
 * @param root absent if nothing is mapped
 * @param segmentTable live counts of all segments
 * @param objectTable the map objects that this checkpoint refers to
 * @param pages mapped regions of 16 MiB
 * @param mappedSectors sectors that are mapped
 * @param treeBytes what the tree takes in the bucket, without what is dead in its objects
 */
public record CheckpointRef(
        long number,
        long segment,
        int rootLevel,
        @Nullable PieceRef root,
        PieceRef segmentTable,
        PieceRef objectTable,
        long pages,
        long mappedSectors,
        long treeBytes) {
    public CheckpointRef {
        if (number < 0
                || segment < 0
                || segment > MapPage.MAX_SEGMENT
                || rootLevel != PageRadix.LEVELS
                || pages < 0
                || pages > MapPage.MAX_PAGES
                || mappedSectors < 0
                || treeBytes < 0) {
            throw new IllegalArgumentException(
                    "no such checkpoint: number=%d segment=%d level=%d pages=%d"
                            .formatted(number, segment, rootLevel, pages));
        }
    }
}
