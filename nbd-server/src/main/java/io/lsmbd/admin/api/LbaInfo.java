package io.lsmbd.admin.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a range of a volume is, run by run in order. */
public record LbaInfo(String volume, List<Run> runs) {
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

    /** A run of bytes; {@code detail} is a WAL file and offset, or empty. */
    public record Run(
            long offset,
            long length,
            Where where,
            @Nullable Long segment,
            @Nullable Long sector,
            String detail) {}
}
