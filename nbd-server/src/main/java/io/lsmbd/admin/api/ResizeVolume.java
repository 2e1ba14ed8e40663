package io.lsmbd.admin.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * Another size for a volume.
 *
 * @param sizeBytes a multiple of 512, at most 1 PiB
 * @param shrink absent: if it is harmless
 */
public record ResizeVolume(@JsonProperty(required = true) long sizeBytes, @Nullable Shrink shrink) {
    /** When a volume may become smaller. */
    public enum Shrink {
        /** No client has it open and there is no data beyond the new end. */
        @JsonProperty("if-harmless")
        IF_HARMLESS,
        /** Always: clients are cut off, data beyond the new end is gone. */
        @JsonProperty("forced")
        FORCED
    }

    public ResizeVolume {
        VolumeSize.check(sizeBytes);
    }
}
