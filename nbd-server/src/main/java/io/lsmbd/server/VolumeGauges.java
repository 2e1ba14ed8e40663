package io.lsmbd.server;

import io.lsmbd.volume.Volume;
import io.lsmbd.volume.VolumeInfo;
import io.lsmbd.volume.Volumes;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What an operator watches of each volume, as of the moment of a scrape.
 *
 * <pre>
 * lsmbd_volume_size_bytes                  what clients see
 * lsmbd_volume_unuploaded_bytes            lost with the host and its disk
 * lsmbd_volume_unuploaded_age_seconds      age of the oldest of these: the recovery point
 * lsmbd_volume_log_fullness_ratio          of what it may have: beyond 0.75 writes slow down
 * lsmbd_volume_waiting_writes              held back just now
 * lsmbd_volume_write_wait_seconds_total    how long all writes together were held back
 * lsmbd_volume_appended_lsn                the last write
 * lsmbd_volume_committed_lsn               the last write that a segment holds
 * lsmbd_volume_committed_segment           the newest segment
 * lsmbd_volume_failed                      1 once it no longer works
 * lsmbd_unuploaded_bytes                   of all volumes
 * lsmbd_unuploaded_limit_bytes             where writes would wait
 * lsmbd_unuploaded_records                 of all volumes: what memory is needed for
 * lsmbd_unuploaded_limit_records           where writes would wait
 * </pre>
 */
final class VolumeGauges {
    private final Volumes volumes;
    private final WriteWaits waits;
    private final Map<MultiGauge, ToDoubleFunction<VolumeInfo>> gauges = new LinkedHashMap<>();

    VolumeGauges(Volumes volumes, MeterRegistry registry) {
        this.volumes = volumes;
        this.waits = new WriteWaits(registry);
        add(registry, "size", "bytes", "What clients see", i -> i.manifest().sizeBytes());
        add(
                registry,
                "unuploaded",
                "bytes",
                "Acknowledged writes that only this host has",
                VolumeInfo::unuploadedBytes);
        add(
                registry,
                "unuploaded.age",
                "seconds",
                "Age of the oldest write that only this host has",
                i -> i.oldestUnuploadedNanos() / 1e9);
        add(
                registry,
                "log.fullness",
                "ratio",
                "Share of what the volume may have of the log that is not uploaded",
                i -> i.pressure().fullness());
        add(
                registry,
                "waiting.writes",
                null,
                "Writes that are held back until more is uploaded",
                i -> i.pressure().waitingWrites());
        add(registry, "appended.lsn", null, "The last write", VolumeInfo::lastLsn);
        add(
                registry,
                "committed.lsn",
                null,
                "The last write that a segment holds",
                VolumeInfo::committedLsn);
        add(
                registry,
                "committed.segment",
                null,
                "The newest segment",
                VolumeInfo::committedSegment);
        add(
                registry,
                "failed",
                null,
                "1 once the volume no longer works",
                i -> i.failure().isEmpty() ? 0 : 1);
        addTotals(registry);
    }

    private void addTotals(MeterRegistry registry) {
        Gauge.builder("lsmbd.unuploaded", volumes, v -> v.backpressure().totalBytes())
                .description("Un-uploaded bytes of all volumes")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("lsmbd.unuploaded.limit", volumes, v -> v.backpressure().budgetBytes())
                .description("Un-uploaded bytes at which writes wait")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("lsmbd.unuploaded.records", volumes, v -> v.backpressure().totalRecords())
                .description("Un-uploaded records of all volumes")
                .register(registry);
        Gauge.builder(
                        "lsmbd.unuploaded.limit.records",
                        volumes,
                        v -> v.backpressure().budgetRecords())
                .description("Un-uploaded records at which writes wait")
                .register(registry);
    }

    private void add(
            MeterRegistry registry,
            String name,
            @Nullable String unit,
            String help,
            ToDoubleFunction<VolumeInfo> value) {
        gauges.put(
                MultiGauge.builder("lsmbd.volume." + name)
                        .description(help)
                        .baseUnit(unit)
                        .register(registry),
                value);
    }

    /** Takes the figures of now; volumes come and go. */
    void refresh() {
        waits.refresh(volumes.attached());
        Map<String, VolumeInfo> infos = new LinkedHashMap<>();
        for (Volume volume : volumes.attached()) {
            infos.put(volume.name(), volume.info());
        }
        gauges.forEach((gauge, value) ->
                gauge.register(
                        infos.entrySet().stream()
                                .<Row<?>>map(e ->
                                        Row.of(
                                                Tags.of("volume", e.getKey()),
                                                value.applyAsDouble(e.getValue())))
                                .toList(),
                        true));
    }
}
