package io.lsmbd.server;

import io.lsmbd.admin.api.CompressionText;
import io.lsmbd.admin.api.Durability;
import io.lsmbd.config.Setting;
import io.lsmbd.config.Settings;

/** {@code [volume]}: what a new volume gets unless its creator says otherwise. */
public record VolumeSection(CompressionText compression, Durability durability) {
    static VolumeSection read(Settings in) {
        return new VolumeSection(
                in.value(
                        new Setting(
                                "volume.compression",
                                "none|lz4|zstd|zstd:LEVEL",
                                "lz4",
                                "Compression of new volumes; a frame that does not get smaller "
                                        + "is stored plain."),
                        CompressionText::new),
                in.choice(
                        "volume.durability",
                        Durability.values(),
                        "local",
                        "What FLUSH waits for on new volumes: the local disk, or the object "
                                + "store."));
    }
}
