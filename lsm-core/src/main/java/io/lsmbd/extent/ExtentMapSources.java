package io.lsmbd.extent;

import io.lsmbd.env.Environment;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectStore;
import org.jspecify.annotations.Nullable;

/**
 * What an extent map stands on; all of it outlives the map.
 *
 * @param volume whose pages these are in the local index and whose checkpoints are written
 * @param index absent for a map that is only read, of a snapshot
 * @param keys where map objects are, by number
 */
public record ExtentMapSources(
        VolumeId volume,
        @Nullable LocalIndex index,
        ObjectStore store,
        MapObjects keys,
        Environment environment) {}
