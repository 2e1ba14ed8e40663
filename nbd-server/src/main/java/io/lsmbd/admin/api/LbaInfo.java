package io.lsmbd.admin.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.lsmbd.model.ByteRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a range of a volume is, run by run in order.
 *
 * @param nextOffset where to ask again, if there are more runs than one answer holds
 */
public record LbaInfo(String volume, List<Run> runs, @Nullable Long nextOffset) {
    public LbaInfo {
        runs = List.copyOf(runs);
    }

    /** The place of a run. */
    public enum Where {
        /** Reads as zeroes. */
        @JsonProperty("hole")
        HOLE,
        /** In the local log, not in any committed segment yet. */
        @JsonProperty("wal")
        WAL,
        /** In a committed segment. */
        @JsonProperty("segment")
        SEGMENT
    }

    /**
     * A run of bytes.
     *
     * @param sector in the segment's uncompressed space
     * @param frame of the segment; a run is in one
     * @param log where in the log; absent if its file was recycled just now
     * @param detail a remark, or empty
     */
    public record Run(
            long offset,
            long length,
            Where where,
            @Nullable Long segment,
            @Nullable Long sector,
            @Nullable Frame frame,
            @Nullable LogPlace log,
            String detail) {
        /** Bytes that read as zeroes. */
        public static Run hole(ByteRange at) {
            return new Run(at.offset(), at.length(), Where.HOLE, null, null, null, null, "");
        }

        /** Bytes that the log holds. */
        public static Run wal(ByteRange at, @Nullable LogPlace log, String detail) {
            return new Run(at.offset(), at.length(), Where.WAL, null, null, null, log, detail);
        }
    }

    /** A frame of a segment and its bytes in the object; the checksum is that of these. */
    public record Frame(
            int number, long objectOffset, long storedBytes, String codec, String crc32c) {}

    /** Where a run's first byte is; for zeroes, where their record is. */
    public record LogPlace(String file, long offset) {}
}
