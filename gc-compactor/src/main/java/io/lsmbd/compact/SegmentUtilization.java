package io.lsmbd.compact;

import io.lsmbd.extent.SegmentTable;
import io.lsmbd.model.Sectors;
import java.util.ArrayList;
import java.util.List;

/**
 * A volume's segments by utilisation, live ÷ total sectors, at one moment.
 *
 * @param segments that hold data, fences excepted
 * @param deadSegments of these, without any live sector: collected without being read
 * @param storedBytes what the segments take in the store
 * @param histogram segments by tenth of utilisation: [0 %, 10 %), ... [90 %, 100 %], ten numbers
 */
public record SegmentUtilization(
        long segments,
        long deadSegments,
        long totalBytes,
        long liveBytes,
        long storedBytes,
        List<Long> histogram) {
    private static final int TENTHS = 10;

    public SegmentUtilization {
        histogram = List.copyOf(histogram);
    }

    /** Counts while the table may change; each segment is seen as of some recent moment. */
    public static SegmentUtilization of(SegmentTable table) {
        Counter counter = new Counter();
        table.forEach(usage -> {
            if (usage.totalSectors() > 0) {
                counter.add(usage.totalSectors(), usage.liveSectors(), usage.storedBytes());
            }
        });
        return counter.result();
    }

    public long deadBytes() {
        return totalBytes - liveBytes;
    }

    /** Live share of what the segments hold, 0 to 1; 1 if there is nothing. */
    public double utilization() {
        return totalBytes == 0 ? 1 : (double) liveBytes / totalBytes;
    }

    private static final class Counter {
        private final long[] tenths = new long[TENTHS];
        private long segments;
        private long dead;
        private long totalSectors;
        private long liveSectors;
        private long storedBytes;

        void add(long total, long live, long stored) {
            segments++;
            dead += live == 0 ? 1 : 0;
            totalSectors += total;
            liveSectors += live;
            storedBytes += stored;
            tenths[(int) Math.min(TENTHS - 1, live * TENTHS / total)]++;
        }

        SegmentUtilization result() {
            List<Long> histogram = new ArrayList<>();
            for (long count : tenths) {
                histogram.add(count);
            }
            return new SegmentUtilization(
                    segments,
                    dead,
                    Sectors.toBytes(totalSectors),
                    Sectors.toBytes(liveSectors),
                    storedBytes,
                    histogram);
        }
    }
}
