package io.lsmbd.server;

import io.lsmbd.model.DataSize;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How the memory budget is divided. What the JVM needs for itself and the segments on their way to
 * the store come first; the rest goes to caches and buffers in fixed shares.
 *
 * @param jvm code, metaspace, thread stacks, the collector's own tables
 * @param segments direct: one segment being built and those in upload
 * @param frameCache direct: frames read from the store
 * @param network direct: what clients have sent or not yet received
 * @param rocksDb native: block cache and write buffers of the local index
 * @param mapPages heap: pages of the extent map
 * @param walIndex heap: the index of what no segment holds yet
 * @param work heap: everything else, and room for the collector
 */
public record MemoryPlan(
        DataSize jvm,
        DataSize segments,
        DataSize frameCache,
        DataSize network,
        DataSize rocksDb,
        DataSize mapPages,
        DataSize walIndex,
        DataSize work) {
    private static final DataSize JVM = DataSize.ofMebibytes(144);
    private static final DataSize LEAST_REST = DataSize.ofMebibytes(160);

    /** The shares add up to 100; the working heap takes what rounding leaves over. */
    static MemoryPlan of(DataSize budget, UploadSection upload) {
        long segments = Math.multiplyExact(upload.segmentSize().bytes(), upload.parallel() + 1L);
        long rest = budget.bytes() - JVM.bytes() - segments;
        if (rest < LEAST_REST.bytes()) {
            throw new IllegalArgumentException(
                    """
                    memory.budget (%s) is too small: %s for the JVM, \
                    %s for segments on their way (upload.parallel %d + 1 of %s), \
                    and at least %s for the rest\
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
        var plan =
                new MemoryPlan(
                        JVM,
                        new DataSize(segments),
                        new DataSize(25 * percent),
                        new DataSize(10 * percent),
                        new DataSize(15 * percent),
                        new DataSize(20 * percent),
                        new DataSize(10 * percent),
                        new DataSize(rest - 80 * percent));
        if (plan.direct().bytes() > budget.bytes() / 2) {
            throw new IllegalArgumentException(
                    ("memory.budget (%s) is too small for segments of %s on their way: half of "
                                    + "it is heap")
                            .formatted(budget, plan.segments()));
        }
        return plan;
    }

    /** At most half the budget, which is what the start script gives as -Xmx. */
    public DataSize heap() {
        return new DataSize(mapPages.bytes() + walIndex.bytes() + work.bytes());
    }

    /** At most half the budget, which the start script gives as -XX:MaxDirectMemorySize. */
    public DataSize direct() {
        return new DataSize(segments.bytes() + frameCache.bytes() + network.bytes());
    }

    public DataSize total() {
        return new DataSize(jvm.bytes() + rocksDb.bytes() + heap().bytes() + direct().bytes());
    }

    /** Every part by its name, for people. */
    Map<String, DataSize> parts() {
        Map<String, DataSize> parts = new LinkedHashMap<>();
        parts.put("heap: map pages", mapPages);
        parts.put("heap: WAL index", walIndex);
        parts.put("heap: working space", work);
        parts.put("direct: segments on their way", segments);
        parts.put("direct: frame cache", frameCache);
        parts.put("direct: network buffers", network);
        parts.put("native: RocksDB", rocksDb);
        parts.put("the JVM itself", jvm);
        parts.put("sum", total());
        return parts;
    }
}
