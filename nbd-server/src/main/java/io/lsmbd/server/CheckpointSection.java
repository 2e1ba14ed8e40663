package io.lsmbd.server;

import io.lsmbd.config.Settings;

/** {@code [checkpoint]}: how often the extent map goes into the store. */
public record CheckpointSection(int everySegments) {
    public CheckpointSection {
        Bounds.check("checkpoint.every-segments", everySegments, 1, 100_000);
    }

    static CheckpointSection read(Settings in) {
        return new CheckpointSection(
                in.integer(
                        "checkpoint.every-segments",
                        "64",
                        "Segments between checkpoints of the map: more is cheaper, fewer is a "
                                + "faster attach."));
    }
}
