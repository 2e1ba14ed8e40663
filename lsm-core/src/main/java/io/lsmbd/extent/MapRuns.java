package io.lsmbd.extent;

import java.util.Arrays;

/**
 * The answer of a lookup: mapped runs in LBA order, clipped to the range, neighbours merged; what
 * lies between them is unmapped. Owned and reused by the caller; one thread. Holds at most {@code
 * maxRuns}: {@link #coveredEnd} says how far the answer reaches, and where to go on.
 */
public final class MapRuns {
    private static final int LBA = 0;
    private static final int SECTORS = 1;
    private static final int SEGMENT = 2;
    private static final int ADDRESS = 3;
    private static final int FIELDS = 4;
    private static final int INITIAL_RUNS = 16;

    private final int maxRuns;
    private long[] runs;
    private int count;
    private long from;
    private long end;
    private long coveredEnd;

    public MapRuns(int maxRuns) {
        if (maxRuns < 1 || maxRuns > Integer.MAX_VALUE / (2 * FIELDS)) {
            throw new IllegalArgumentException("at least one run, not " + maxRuns);
        }
        this.maxRuns = maxRuns;
        runs = new long[Math.min(maxRuns, INITIAL_RUNS) * FIELDS];
    }

    public int count() {
        return count;
    }

    public long lba(int run) {
        return field(run, LBA);
    }

    public long sectors(int run) {
        return field(run, SECTORS);
    }

    public long segment(int run) {
        return field(run, SEGMENT);
    }

    /** Where the run's first sector is in its segment's uncompressed space. */
    public int address(int run) {
        return (int) field(run, ADDRESS);
    }

    /** The LBA before which the answer is complete: the range's end, or where to look up next. */
    public long coveredEnd() {
        return coveredEnd;
    }

    /** Whether the answer reaches the end of the range that was asked for. */
    public boolean isComplete() {
        return coveredEnd == end;
    }

    private long field(int run, int field) {
        if (run < 0 || run >= count) {
            throw new IndexOutOfBoundsException("run " + run + " of " + count);
        }
        return runs[run * FIELDS + field];
    }

    /** Starts an answer about {@code [fromLba, endLba)}, complete unless it fills up. */
    void start(long fromLba, long endLba) {
        count = 0;
        from = fromLba;
        end = endLba;
        coveredEnd = endLba;
    }

    /** Adds the page's part of the range; returns false if not all of it found room. */
    boolean add(MapPage page) {
        long pageLba = page.firstLba();
        int first = (int) Math.max(0, from - pageLba);
        int limit = (int) Math.min(MapPage.SECTORS, end - pageLba);
        for (int i = page.firstEndingAfter(first); i < page.count(); i++) {
            int start = Math.max(first, page.start(i));
            int stop = Math.min(limit, page.start(i) + page.length(i));
            if (start >= stop) {
                break;
            }
            int address = page.address(i) + (start - page.start(i));
            if (!add(pageLba + start, stop - start, page.segment(i), address)) {
                return false;
            }
        }
        return true;
    }

    private boolean add(long lba, int sectors, long segment, int address) {
        if (count > 0) {
            int last = (count - 1) * FIELDS;
            if (runs[last + LBA] + runs[last + SECTORS] == lba
                    && runs[last + SEGMENT] == segment
                    && runs[last + ADDRESS] + runs[last + SECTORS] == address) {
                runs[last + SECTORS] += sectors;
                return true;
            }
        }
        if (count == maxRuns) {
            coveredEnd = lba;
            return false;
        }
        int at = count * FIELDS;
        if (at == runs.length) {
            runs = Arrays.copyOf(runs, Math.min(at * 2, maxRuns * FIELDS));
        }
        runs[at + LBA] = lba;
        runs[at + SECTORS] = sectors;
        runs[at + SEGMENT] = segment;
        runs[at + ADDRESS] = address;
        count++;
        return true;
    }
}
