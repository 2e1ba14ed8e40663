package io.lsmbd.server;

import io.lsmbd.config.Settings;
import io.lsmbd.model.DataSize;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code [upload]}: when and how writes become segments in the store. */
public record UploadSection(DataSize segmentSize, Duration maxAge, int parallel) {
    private static final String SEGMENT_SIZE = "upload.segment-size";
    private static final String PARALLEL = "upload.parallel";

    /** Where auto comes from. */
    private static final String FROM = "memory.budget, wal.budget";

    /** What auto tries, the best first. */
    private static final List<DataSize> SIZES =
            List.of(
                    DataSize.ofMebibytes(32),
                    DataSize.ofMebibytes(16),
                    DataSize.ofMebibytes(8),
                    DataSize.ofMebibytes(4));

    /** One alone in upload would often leave the network idle: rather smaller segments. */
    private static final List<Integer> COUNTS = List.of(4, 2);

    private static final List<Integer> ANY_COUNTS = List.of(4, 2, 1);

    public UploadSection {
        Bounds.check(SEGMENT_SIZE, segmentSize, new DataSize(256 << 10), DataSize.ofMebibytes(64));
        Bounds.check("upload.max-age", maxAge, Duration.ofMillis(100), Duration.ofHours(1));
        Bounds.check(PARALLEL, parallel, 1, 64);
    }

    static UploadSection read(Settings in, MemorySection memory, WalSection wal) {
        Optional<DataSize> segmentSize =
                in.sizeOrAuto(
                        SEGMENT_SIZE,
                        "A batch of writes this big is uploaded. auto is 32MiB, or less where "
                                + "memory.budget or wal.budget is small.");
        Duration maxAge =
                in.duration(
                        "upload.max-age",
                        "10s",
                        "A batch this old is uploaded too: what is lost at most if the host and "
                                + "its disk are lost.");
        Optional<Integer> parallel =
                in.integerOrAuto(
                        PARALLEL,
                        "Segments in upload at the same time. auto is 4, or fewer where "
                                + "memory.budget or wal.budget is small.");
        List<DataSize> sizes = segmentSize.map(List::of).orElse(SIZES);
        List<Integer> counts =
                parallel.map(List::of).orElse(segmentSize.isEmpty() ? COUNTS : ANY_COUNTS);
        UploadSection section =
                sizes.stream()
                        .flatMap(size ->
                                counts.stream().map(n -> new UploadSection(size, maxAge, n)))
                        .filter(it -> MemoryPlan.hasAmpleRoom(memory.budget(), it))
                        .filter(wal::hasRoom)
                        .findFirst()
                        // The smallest, which ServerConfig may refuse.
                        .orElseGet(
                                () -> new UploadSection(sizes.getLast(), maxAge, counts.getLast()));
        if (segmentSize.isEmpty()) {
            in.derived(SEGMENT_SIZE, section.segmentSize(), FROM);
        }
        if (parallel.isEmpty()) {
            in.derived(PARALLEL, section.parallel(), FROM);
        }
        return section;
    }
}
