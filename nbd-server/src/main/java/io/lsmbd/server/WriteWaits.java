package io.lsmbd.server;

import io.lsmbd.volume.Volume;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A counter for each attached volume; attached anew, a volume counts from zero. For one scrape at a
 * time.
 */
final class WriteWaits {
    private final MeterRegistry registry;
    private final Map<Volume, FunctionCounter> counters = new HashMap<>();

    WriteWaits(MeterRegistry registry) {
        this.registry = registry;
    }

    void refresh(List<Volume> attached) {
        Set<Volume> now = Set.copyOf(attached);
        // First, for a volume that was attached anew has the same name.
        for (Volume volume : List.copyOf(counters.keySet())) {
            if (!now.contains(volume)) {
                registry.remove(Objects.requireNonNull(counters.remove(volume)));
            }
        }
        for (Volume volume : now) {
            counters.computeIfAbsent(volume, this::register);
        }
    }

    private FunctionCounter register(Volume volume) {
        return FunctionCounter.builder("lsmbd.volume.write.wait", volume, WriteWaits::seconds)
                .description("How long writes were held back until more was uploaded, all together")
                .baseUnit("seconds")
                .tag("volume", volume.name())
                .register(registry);
    }

    private static double seconds(Volume volume) {
        long nanos = TimeUnit.NANOSECONDS.convert(volume.info().pressure().waited());
        return nanos / 1e9;
    }
}
