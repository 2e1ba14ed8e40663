package io.lsmbd.nbd.tls;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.function.Supplier;

/** Declares the meters of the certificates. */
final class TlsMetrics {
    private final Counter reloaded;
    private final Counter failed;

    TlsMetrics(MeterRegistry registry, Supplier<Instant> validUntil) {
        Gauge.builder(
                        "lsmbd_nbd_tls_certificate_expiry_timestamp_seconds",
                        validUntil,
                        end -> end.get().getEpochSecond())
                .description("When the server's certificate ends")
                .strongReference(true)
                .register(registry);
        reloaded = reloads(registry, "ok");
        failed = reloads(registry, "failed");
    }

    private static Counter reloads(MeterRegistry registry, String result) {
        return Counter.builder("lsmbd_nbd_tls_reloads_total")
                .description("New certificate files that were taken over, or could not be used")
                .tag("result", result)
                .register(registry);
    }

    void reloaded() {
        reloaded.increment();
    }

    void reloadFailed() {
        failed.increment();
    }
}
