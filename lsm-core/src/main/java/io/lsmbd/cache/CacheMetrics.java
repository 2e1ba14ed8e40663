package io.lsmbd.cache;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.LongAdder;

/** Every meter of the frame caches. Counting is cheap enough for each read. */
public final class CacheMetrics {
    private final TierMetrics memory;
    private final TierMetrics disk;
    private final LongAdder corruptions = new LongAdder();
    private final LongAdder diskErrors = new LongAdder();
    private final LongAdder diskDrops = new LongAdder();

    public CacheMetrics(MeterRegistry registry) {
        memory = new TierMetrics(registry, "memory");
        disk = new TierMetrics(registry, "disk");
        FunctionCounter.builder("lsmbd_cache_corruptions_total", corruptions, LongAdder::sum)
                .description("Frames on disk, and directories of them, that failed a check")
                .register(registry);
        FunctionCounter.builder("lsmbd_cache_disk_errors_total", diskErrors, LongAdder::sum)
                .description("Reads and writes that the cache's disk refused")
                .register(registry);
        FunctionCounter.builder("lsmbd_cache_disk_drops_total", diskDrops, LongAdder::sum)
                .description("Frames not kept because the cache's disk was behind")
                .register(registry);
    }

    TierMetrics memory() {
        return memory;
    }

    TierMetrics disk() {
        return disk;
    }

    void corruption() {
        corruptions.increment();
    }

    void diskError() {
        diskErrors.increment();
    }

    void diskDrop() {
        diskDrops.increment();
    }

    long corruptions() {
        return corruptions.sum();
    }

    long diskErrors() {
        return diskErrors.sum();
    }

    long diskDrops() {
        return diskDrops.sum();
    }
}
