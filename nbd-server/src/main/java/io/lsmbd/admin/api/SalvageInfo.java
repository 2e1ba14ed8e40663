package io.lsmbd.admin.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a log alone has of a volume that another host took over, as it is written out.
 *
 * @param id of the volume
 * @param sizeBytes of the volume now
 * @param imageBytes of the image: the volume's size, or more if there are data beyond its end
 * @param takenOverBy the volume's epoch now
 * @param isComplete whether that is all; else see {@code missing} and {@code unreadable}
 * @param records that no segment holds and that are written out
 * @param heldBack records that could be read and are not written out, for earlier ones are missing
 * @param dataBytes of the image that are data; all else in it is holes
 * @param zeroBytes that were trimmed or zeroed: holes of the image as well, but listed below
 * @param beyondEndBytes of the data, what lies beyond the volume's end: it was larger
 * @param epochs in which the records were written, oldest first
 * @param ranges by offset; what is in none of them the log does not know
 * @param missing records that neither the log nor a segment has, though later ones are there
 * @param unreadable places in the log's files
 */
public record SalvageInfo(
        String volume,
        String id,
        long sizeBytes,
        long imageBytes,
        long takenOverBy,
        boolean isComplete,
        long records,
        long heldBack,
        long dataBytes,
        long zeroBytes,
        long beyondEndBytes,
        List<Part> epochs,
        List<Range> ranges,
        List<Missing> missing,
        List<Unreadable> unreadable) {
    public SalvageInfo {
        epochs = List.copyOf(epochs);
        ranges = List.copyOf(ranges);
        missing = List.copyOf(missing);
        unreadable = List.copyOf(unreadable);
    }

    /** The records of one epoch. */
    public record Part(long epoch, long records, long firstLsn, long lastLsn) {}

    /**
     * One run of bytes with one fate.
     *
     * @param kind {@code data} or {@code zeros}
     * @param firstLsn of the records that wrote it last, in this epoch
     * @param isBehindGap whether records before these are missing: no state that the volume was in
     */
    public record Range(
            long offset,
            long length,
            String kind,
            long epoch,
            long firstLsn,
            long lastLsn,
            boolean isBehindGap) {}

    /** Records of one epoch that are nowhere. */
    public record Missing(long epoch, long firstLsn, long lastLsn) {}

    /**
     * A place in a file of the log where a record was, or may have been.
     *
     * @param length up to where records can be read again, or the file's end
     * @param record which one it was, if that can be told
     */
    public record Unreadable(
            String file,
            long offset,
            long length,
            String problem,
            Loss loss,
            @Nullable Lost record) {}

    /** Whether it is this volume's loss. */
    public enum Loss {
        /** Another volume's record, or one that a segment holds. */
        @JsonProperty("none")
        NONE,
        @JsonProperty("possible")
        POSSIBLE,
        @JsonProperty("certain")
        CERTAIN
    }

    /**
     * A record whose header is right.
     *
     * @param volume its id
     * @param offset in the volume
     */
    public record Lost(String volume, long epoch, long lsn, long offset, long length) {}
}
