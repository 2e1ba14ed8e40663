package io.lsmbd.server;

import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusNamingConvention;
import org.jspecify.annotations.Nullable;

/**
 * Counters keep their suffix {@code _total} also inside the registry, which else would take {@code
 * lsmbd_nbd_connections_total} for the gauge {@code lsmbd_nbd_connections}. In Prometheus' text
 * format, the only one that is served, these are two names; in OpenMetrics they would be one.
 */
final class FullCounterNames extends PrometheusNamingConvention {
    private static final String SUFFIX = "_total";

    @Override
    public String name(String name, Meter.Type type, @Nullable String baseUnit) {
        String conventional = super.name(name, type, baseUnit);
        return type == Meter.Type.COUNTER && !conventional.endsWith(SUFFIX)
                ? conventional + SUFFIX
                : conventional;
    }
}
