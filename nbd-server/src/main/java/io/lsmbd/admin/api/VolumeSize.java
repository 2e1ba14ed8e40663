package io.lsmbd.admin.api;

import io.lsmbd.model.Sectors;

/** Which sizes a volume may have. */
final class VolumeSize {
    private VolumeSize() {}

    static void check(long sizeBytes) {
        if (sizeBytes <= 0
                || !Sectors.isAligned(sizeBytes)
                || sizeBytes > Sectors.toBytes(Sectors.MAX_VOLUME_SECTORS)) {
            throw new IllegalArgumentException(
                    "a volume's size is a multiple of 512 bytes, at most 1 PiB; this is "
                            + sizeBytes);
        }
    }
}
