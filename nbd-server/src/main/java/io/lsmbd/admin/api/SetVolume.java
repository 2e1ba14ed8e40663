package io.lsmbd.admin.api;

import org.jspecify.annotations.Nullable;

/**
 * What of a volume is to change, at least one of these; what is absent stays as it is.
 *
 * @param compression of what is uploaded from now on
 * @param durability what FLUSH waits for from now on
 */
public record SetVolume(@Nullable CompressionText compression, @Nullable Durability durability) {
    public SetVolume {
        if (compression == null && durability == null) {
            throw new IllegalArgumentException("nothing to set: durability, compression or both");
        }
    }
}
