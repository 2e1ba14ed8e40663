package io.lsmbd.admin.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A segment's tables.
 *
 * @param object its key in the store
 * @param verified how many bytes were read and compared with their checksums; absent if not asked
 */
public record SegmentDetail(
        String volume,
        long number,
        String object,
        long objectBytes,
        long epoch,
        long firstLsn,
        long lastLsn,
        String createdAt,
        List<FrameInfo> frames,
        List<ExtentInfo> extents,
        @Nullable Verified verified) {
    public SegmentDetail {
        frames = List.copyOf(frames);
        extents = List.copyOf(extents);
    }

    /** A frame: its sectors of the segment's uncompressed space, and its bytes in the object. */
    public record FrameInfo(
            long firstSector,
            long sectors,
            long objectOffset,
            long storedBytes,
            String codec,
            String crc32c) {}

    /** A run of sectors of the volume; {@code address} is absent for a hole. */
    public record ExtentInfo(long lba, long sectors, @Nullable Long address) {}

    /** The result of reading everything; empty problems mean that all is well. */
    public record Verified(long bytes, List<String> problems) {
        public Verified {
            problems = List.copyOf(problems);
        }
    }
}
