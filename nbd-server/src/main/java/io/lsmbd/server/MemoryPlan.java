package io.lsmbd.server;

import io.lsmbd.model.DataSize;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How the memory budget is divided. What the JVM needs for itself and the segments on their way to
 * the store come first; the rest goes to caches and buffers in fixed shares.
 *
 * @param jvm code, metaspace, thread stacks, the collector's own tables
 * @param segments native: segments in upload, plain and compressed
 * @param frameCache native: frames read from the store
 * @param frameLoading native: frames on their way from the store
 * @param rocksDb native: block cache and write buffers of the local index
 * @param network direct: what clients have sent or not yet received
 * @param mapPages heap: pages of the extent maps
 * @param frameTables heap: where frames are in their objects
 * @param walIndex heap: the index of what no segment holds yet
 * @param work heap: everything else, and room for the collector
 */
public record MemoryPlan(
        DataSize jvm,
        DataSize segments,
        DataSize frameCache,
        DataSize frameLoading,
        DataSize rocksDb,
        DataSize network,
        DataSize mapPages,
        DataSize frameTables,
        DataSize walIndex,
        DataSize work) {
    private static final DataSize JVM = DataSize.ofMebibytes(144);
    private static final DataSize LEAST_REST = DataSize.ofMebibytes(80);
    private static final int SEGMENTS_PERCENT = 30;

    /** Whether segments leave the caches their due: a limit for what is derived, not for people. */
    static boolean hasAmpleRoom(DataSize budget, UploadSection upload) {
        return segmentBytes(upload) <= (budget.bytes() - JVM.bytes()) / 100 * SEGMENTS_PERCENT;
    }

    /** Each is there twice, plain and compressed. */
    private static long segmentBytes(UploadSection upload) {
        return Math.multiplyExact(upload.segmentSize().bytes(), 2L * upload.parallel());
    }

    /** Shares of the rest, in percent; the working heap takes what they leave over. */
    static MemoryPlan of(DataSize budget, UploadSection upload) {
        long segments = segmentBytes(upload);
        long rest = budget.bytes() - JVM.bytes() - segments;
        if (rest < LEAST_REST.bytes()) {
            throw new IllegalArgumentException(
                    """
                    memory.budget (%s) is too small: %s for the JVM, %s for segments on their way \
                    (2 x upload.parallel %d x upload.segment-size %s), and at least %s for the rest\
                    """
                            .formatted(
                                    budget,
                                    JVM,
                                    new DataSize(segments),
                                    upload.parallel(),
                                    upload.segmentSize(),
                                    LEAST_REST));
        }
        long percent = rest / 100;
        return new MemoryPlan(
                JVM,
                new DataSize(segments),
                new DataSize(20 * percent),
                new DataSize(5 * percent),
                new DataSize(15 * percent),
                new DataSize(10 * percent),
                new DataSize(20 * percent),
                new DataSize(4 * percent),
                new DataSize(10 * percent),
                new DataSize(rest - 84 * percent));
    }

    /** At most half of what the JVM leaves, which the start script gives as -Xmx. */
    public DataSize heap() {
        return sum(mapPages, frameTables, walIndex, work);
    }

    public DataSize total() {
        return sum(jvm, segments, frameCache, frameLoading, rocksDb, network, heap());
    }

    private static DataSize sum(DataSize... parts) {
        long bytes = 0;
        for (DataSize part : parts) {
            bytes += part.bytes();
        }
        return new DataSize(bytes);
    }

    /** Every part by its name, for people. */
    Map<String, DataSize> parts() {
        Map<String, DataSize> parts = new LinkedHashMap<>();
        parts.put("heap: map pages", mapPages);
        parts.put("heap: frame tables", frameTables);
        parts.put("heap: WAL index", walIndex);
        parts.put("heap: working space", work);
        parts.put("direct: network buffers", network);
        parts.put("native: segments on their way", segments);
        parts.put("native: frame cache", frameCache);
        parts.put("native: frames being loaded", frameLoading);
        parts.put("native: RocksDB", rocksDb);
        parts.put("the JVM itself", jvm);
        parts.put("sum", total());
        return parts;
    }
}
