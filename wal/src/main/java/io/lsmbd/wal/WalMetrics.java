package io.lsmbd.wal;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * What the log counts. Names as micrometer has them; Prometheus says {@code lsmbd_wal_...} with the
 * unit and {@code _total} behind. Appends are not timed: that would cost more than they do.
 */
public final class WalMetrics {
    private static final Duration[] SYNC_BUCKETS = {
        Duration.ofNanos(100_000),
        Duration.ofNanos(300_000),
        Duration.ofMillis(1),
        Duration.ofMillis(3),
        Duration.ofMillis(10),
        Duration.ofMillis(30),
        Duration.ofMillis(100),
        Duration.ofMillis(300),
        Duration.ofSeconds(1),
        Duration.ofSeconds(3)
    };

    private final MeterRegistry registry;
    private final Timer syncDuration;
    private final DistributionSummary syncSize;
    private final DistributionSummary syncWaiters;

    public WalMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.syncDuration =
                Timer.builder("lsmbd.wal.sync.duration")
                        .description("fdatasync of the log")
                        .serviceLevelObjectives(SYNC_BUCKETS)
                        .register(registry);
        this.syncSize =
                DistributionSummary.builder("lsmbd.wal.sync.group.size")
                        .description("Log bytes that one sync covered")
                        .baseUnit("bytes")
                        .register(registry);
        this.syncWaiters =
                DistributionSummary.builder("lsmbd.wal.sync.waiters")
                        .description("Flushes that one sync answered")
                        .register(registry);
    }

    void synced(long nanos, long bytes, int waiters) {
        syncDuration.record(nanos, TimeUnit.NANOSECONDS);
        syncSize.record((double) bytes);
        syncWaiters.record(waiters);
    }

    void bind(LogTail tail, LogState state) {
        counter("lsmbd.wal.bytes", "Bytes appended", tail, LogTail::bytesAppended);
        counter("lsmbd.wal.records", "Records appended", tail, LogTail::recordsAppended);
        gauge("lsmbd.wal.appended", "Appended position", state, LogState::appended);
        gauge("lsmbd.wal.synced", "Synced position", state, LogState::synced);
        gauge("lsmbd.wal.size", "Files that are in use", tail, LogTail::usedBytes);
        Gauge.builder("lsmbd.wal.failed", state, it -> it.isFailed() ? 1 : 0)
                .description("1 once the log has failed for good")
                .register(registry);
    }

    private <T> void counter(String name, String help, T of, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, of, value).description(help).register(registry);
    }

    private <T> void gauge(String name, String help, T of, ToDoubleFunction<T> value) {
        Gauge.builder(name, of, value).description(help).baseUnit("bytes").register(registry);
    }

    void replayed(WalRecovery.Report report) {
        registry.counter("lsmbd.wal.replay.records").increment((double) report.records());
        registry.counter("lsmbd.wal.replay.torn.bytes").increment((double) report.tornTailBytes());
        registry.timer("lsmbd.wal.replay.duration").record(report.duration());
    }

    void recycled() {
        registry.counter("lsmbd.wal.files.recycled").increment();
    }

    void copiedForward(long records) {
        registry.counter("lsmbd.wal.copied.records").increment((double) records);
    }
}
