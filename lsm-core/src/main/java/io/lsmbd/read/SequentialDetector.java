package io.lsmbd.read;

import io.lsmbd.model.Sectors;

/**
 * Decides what to read ahead of a volume's readers. Follows up to {@link #STREAMS} of them; a new
 * one takes the place of the one that was silent longest. The second read that continues another
 * gets a first window; once less than half of the last window is left, the next, twice as large,
 * follows it. Random reads get nothing. Pure policy: knows no time, size or cache. Allocates
 * nothing. Not thread-safe.
 */
public final class SequentialDetector {
    static final int STREAMS = 8;
    static final int FIRST_WINDOW_SECTORS = (256 << 10) / Sectors.BYTES;
    static final int MAX_WINDOW_SECTORS = (8 << 20) / Sectors.BYTES;

    /**
     * How far a read of a known stream may be off: several connections, or one with many requests
     * in flight, bring a sequential reader's requests somewhat out of order.
     */
    static final int SLACK_SECTORS = (1 << 20) / Sectors.BYTES;

    /** Where each stream's highest read so far ended. */
    private final long[] nextLba = new long[STREAMS];

    /** Up to where each stream has been read ahead. */
    private final long[] aheadEnd = new long[STREAMS];

    /** Each stream's last window; 0 while it is one single read. */
    private final int[] windowSectors = new int[STREAMS];

    /** When each stream was last seen, in reads of the volume; 0 if it is not in use. */
    private final long[] lastSeen = new long[STREAMS];

    private long reads;
    private long windowStart;

    /**
     * Takes note of a read. Returns how many sectors to bring in now, from {@link #windowStart} on:
     * they follow the stream's last window, or this read, and may reach past the volume's end. 0 if
     * nothing is to be brought in.
     */
    public long observe(long lba, int sectors) {
        reads++;
        long end = lba + sectors;
        int stream = streamOf(lba);
        if (stream == STREAMS) {
            begin(end);
            return 0;
        }
        lastSeen[stream] = reads;
        return advance(stream, end, sectors);
    }

    /** The LBA where the window begins that {@link #observe} asked for last. */
    public long windowStart() {
        return windowStart;
    }

    /** {@link #STREAMS} if the read belongs to none. */
    private int streamOf(long lba) {
        for (int i = 0; i < STREAMS; i++) {
            boolean isExact = lastSeen[i] != 0 && lba == nextLba[i];
            boolean isNear =
                    windowSectors[i] > 0
                            && lba >= nextLba[i] - SLACK_SECTORS
                            && lba <= aheadEnd[i] + SLACK_SECTORS;
            if (isExact || isNear) {
                return i;
            }
        }
        return STREAMS;
    }

    private void begin(long nextExpected) {
        int oldest = 0;
        for (int i = 1; i < STREAMS; i++) {
            if (lastSeen[i] < lastSeen[oldest]) {
                oldest = i;
            }
        }
        nextLba[oldest] = nextExpected;
        aheadEnd[oldest] = nextExpected;
        windowSectors[oldest] = 0;
        lastSeen[oldest] = reads;
    }

    private long advance(int stream, long readEnd, int sectors) {
        nextLba[stream] = Math.max(nextLba[stream], readEnd);
        long from = Math.max(aheadEnd[stream], nextLba[stream]);
        int last = windowSectors[stream];
        if (from - nextLba[stream] > last / 2) {
            return 0;
        }
        // Not less than two of the reader's own reads, or it would catch up at once.
        long grown = Math.max(last == 0 ? FIRST_WINDOW_SECTORS : last * 2L, sectors * 2L);
        int window = (int) Math.min(MAX_WINDOW_SECTORS, grown);
        windowSectors[stream] = window;
        aheadEnd[stream] = from + window;
        windowStart = from;
        return window;
    }
}
