package io.lsmbd.volume;

import io.lsmbd.manifest.Durability;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeName;

/** What a new volume is to be; {@code compression}: {@code none}, {@code lz4} or {@code zstd:N}. */
public record VolumeSpec(
        VolumeName name, DataSize size, Durability durability, String compression) {}
