package io.lsmbd.volume;

import io.lsmbd.manifest.Durability;
import io.lsmbd.manifest.Manifest;
import java.util.Optional;

/** What of a volume is to be other than it is; {@code compression} as in {@link VolumeSpec}. */
public record VolumeSettings(Optional<Durability> durability, Optional<String> compression) {
    Manifest appliedTo(Manifest manifest) {
        return manifest.kept(
                durability.orElse(manifest.durability()),
                compression.orElse(manifest.compression()));
    }
}
