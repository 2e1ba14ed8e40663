package io.lsmbd.nbd.metrics;

import io.lsmbd.nbd.wire.NbdCommand;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Declares the meters of requests. All of them are looked up when a connection begins, not per
 * request. Durations carry no volume label: seventeen buckets for each of thousands of volumes
 * would drown what they are asked for.
 */
public final class NbdMetrics {
    private static final Duration[] BUCKETS = {
        Duration.ofNanos(50_000),
        Duration.ofNanos(100_000),
        Duration.ofNanos(250_000),
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofNanos(2_500_000),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2_500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;
    private final LongAdder waitingRequests = new LongAdder();
    private final Map<NbdCommand, Timer> durations = new EnumMap<>(NbdCommand.class);
    private final Map<String, VolumeMeters> volumes = new ConcurrentHashMap<>();

    public NbdMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("lsmbd_nbd_inflight_requests", waitingRequests, LongAdder::sum)
                .description("NBD requests that wait for a disk, the object store or back-pressure")
                .register(registry);
        for (NbdCommand command : NbdCommand.values()) {
            if (command != NbdCommand.DISC) {
                durations.put(command, duration(command));
            }
        }
    }

    private Timer duration(NbdCommand command) {
        return Timer.builder("lsmbd_nbd_request_duration_seconds")
                .description("From a request's arrival until its reply is queued")
                .tag("op", command.label())
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    public void requestBeganToWait() {
        waitingRequests.increment();
    }

    public void requestEndedWaiting() {
        waitingRequests.decrement();
    }

    /** The meters of one volume; the same ones for each of its connections. */
    public VolumeMeters volume(String name) {
        return volumes.computeIfAbsent(name, n -> new VolumeMeters(registry, n, durations));
    }

    /** Drops a deleted volume's meters. */
    public void forget(String volume) {
        VolumeMeters meters = volumes.remove(volume);
        if (meters != null) {
            meters.close();
        }
    }
}
