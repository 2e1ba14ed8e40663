package io.lsmbd.admin.api;

import java.util.List;

/**
 * What a log alone has of a volume that another host took over, as it is written out.
 *
 * @param id of the volume
 * @param sizeBytes of the volume now
 * @param imageBytes of the image: the volume's size, or more if there are data beyond its end
 * @param takenOverBy the volume's epoch now
 * @param records that no segment holds
 * @param dataBytes of the image that are data; all else in it is holes
 * @param zeroBytes that were trimmed or zeroed: holes of the image as well, but listed below
 * @param beyondEndBytes of the data, what lies beyond the volume's end: it was larger
 * @param epochs in which the records were written, oldest first
 * @param ranges by offset; what is in none of them the log does not know
 */
public record SalvageInfo(
        String volume,
        String id,
        long sizeBytes,
        long imageBytes,
        long takenOverBy,
        long records,
        long dataBytes,
        long zeroBytes,
        long beyondEndBytes,
        List<Part> epochs,
        List<Range> ranges) {
    public SalvageInfo {
        epochs = List.copyOf(epochs);
        ranges = List.copyOf(ranges);
    }

    /** The records of one epoch. */
    public record Part(long epoch, long records, long firstLsn, long lastLsn) {}

    /**
     * One run of bytes with one fate.
     *
     * @param kind {@code data} or {@code zeros}
     * @param firstLsn of the records that wrote it last, in this epoch
     */
    public record Range(
            long offset, long length, String kind, long epoch, long firstLsn, long lastLsn) {}
}
