package io.lsmbd.cache;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** The meters of one tier, told apart by the label {@code tier}. */
final class TierMetrics {
    private final MeterRegistry registry;
    private final String tier;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    TierMetrics(MeterRegistry registry, String tier) {
        this.registry = registry;
        this.tier = tier;
        countRequests("hit", hits);
        countRequests("miss", misses);
    }

    private void countRequests(String result, LongAdder adder) {
        FunctionCounter.builder("lsmbd_cache_requests_total", adder, LongAdder::sum)
                .description("Frames asked for")
                .tags("tier", tier, "result", result)
                .register(registry);
    }

    /** Publishes what the tier holds; the suppliers are asked at each scrape, also after close. */
    void watch(long capacityBytes, LongSupplier usedBytes, LongSupplier evictions) {
        Gauge.builder("lsmbd_cache_capacity_bytes", () -> capacityBytes)
                .description("Bytes of plain frames that fit")
                .tag("tier", tier)
                .register(registry);
        Gauge.builder("lsmbd_cache_bytes", usedBytes::getAsLong)
                .description("Bytes of plain frames held")
                .tag("tier", tier)
                .register(registry);
        FunctionCounter.builder("lsmbd_cache_evictions_total", this, _ -> evictions.getAsLong())
                .description("Frames that made room for others")
                .tag("tier", tier)
                .register(registry);
    }

    void hit() {
        hits.increment();
    }

    void miss() {
        misses.increment();
    }

    long hits() {
        return hits.sum();
    }

    long misses() {
        return misses.sum();
    }
}
