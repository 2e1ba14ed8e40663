package io.lsmbd.model;

/** A run of sectors of a volume: {@code [lba, lba + sectors)}, not empty, within 2^62 sectors. */
public record SectorRange(long lba, long sectors) {
    public SectorRange {
        if (lba < 0 || sectors <= 0 || lba > (1L << 62) - sectors) {
            throw new IllegalArgumentException("no such range: lba=" + lba + " sectors=" + sectors);
        }
    }

    public long endLba() {
        return lba + sectors;
    }
}
