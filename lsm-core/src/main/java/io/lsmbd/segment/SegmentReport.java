package io.lsmbd.segment;

import io.lsmbd.error.CorruptDataException;
import java.util.List;

/**
 * What a full verification found.
 *
 * @param objectBytes how many bytes of the object were read and checked
 * @param soundFrames how many frames are what they should be
 * @param problems all that was found, in the order of the object; capped
 */
public record SegmentReport(
        long objectBytes, int soundFrames, List<CorruptDataException> problems) {
    public SegmentReport {
        problems = List.copyOf(problems);
    }

    public boolean isSound() {
        return problems.isEmpty();
    }
}
