package io.lsmbd.admin.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.lsmbd.model.VolumeName;
import org.jspecify.annotations.Nullable;

/**
 * A volume to be.
 *
 * @param sizeBytes a multiple of 512, at most 1 PiB
 * @param compression absent: the daemon's volume.compression
 * @param durability absent: the daemon's volume.durability
 */
public record CreateVolume(
        @JsonProperty(required = true) String name,
        @JsonProperty(required = true) long sizeBytes,
        @Nullable CompressionText compression,
        @Nullable Durability durability) {
    public CreateVolume {
        name = new VolumeName(name).value();
        VolumeSize.check(sizeBytes);
    }
}
