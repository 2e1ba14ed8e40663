package io.lsmbd.server;

import io.lsmbd.config.Settings;
import io.lsmbd.model.DataSize;
import java.time.Duration;

/** {@code [upload]}: when and how writes become segments in the store. */
public record UploadSection(DataSize segmentSize, Duration maxAge, int parallel) {
    public UploadSection {
        Bounds.check(
                "upload.segment-size",
                segmentSize,
                new DataSize(256 << 10),
                DataSize.ofMebibytes(64));
        Bounds.check("upload.max-age", maxAge, Duration.ofMillis(100), Duration.ofHours(1));
        Bounds.check("upload.parallel", parallel, 1, 64);
    }

    static UploadSection read(Settings in) {
        return new UploadSection(
                in.size("upload.segment-size", "32MiB", "A batch of writes this big is uploaded."),
                in.duration(
                        "upload.max-age",
                        "10s",
                        "A batch this old is uploaded too: what is lost at most if the host and "
                                + "its disk are lost."),
                in.integer("upload.parallel", "4", "Segments in upload at the same time."));
    }
}
