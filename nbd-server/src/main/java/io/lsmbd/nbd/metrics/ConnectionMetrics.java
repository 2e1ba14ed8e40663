package io.lsmbd.nbd.metrics;

import io.lsmbd.nbd.limits.InFlightBudget;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;

/** Declares the meters of connections, and of what they may have in flight. */
public final class ConnectionMetrics {
    /** Why a connection was closed as soon as it was made. */
    public enum Refusal {
        /** There were as many connections as there may be. */
        TOTAL,
        /** There were as many from its address as there may be. */
        ADDRESS
    }

    /** Why a handshake came to nothing. */
    public enum HandshakeFailure {
        PROTOCOL,
        UNKNOWN_EXPORT,
        /** No choice in the whole time that there is. */
        TIMEOUT,
        /** No option for too long. */
        IDLE,
        TOO_MANY_OPTIONS,
        /** TLS was not agreed on, or not understood. */
        TLS,
        /** Newer connections needed the place. */
        CROWDED_OUT
    }

    /** Why a client was told that there is no such export: to it, both look the same. */
    public enum ExportRefusal {
        /** There is none of that name. */
        UNKNOWN,
        /** There is, but not for this client. */
        FORBIDDEN
    }

    /** Where a client stood still until it was disconnected. */
    public enum Stall {
        /** In the middle of a payload. */
        PAYLOAD,
        /** Before replies that it did not read. */
        REPLIES
    }

    private final MeterRegistry registry;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger choosing = new AtomicInteger();
    private final Counter accepted;
    private final Map<Refusal, Counter> refused;
    private final Map<HandshakeFailure, Counter> failed;
    private final Map<ExportRefusal, Counter> refusedExports;
    private final Map<Stall, Counter> stalled;

    public ConnectionMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("lsmbd_nbd_connections", open, AtomicInteger::get)
                .description("NBD connections that are open")
                .register(registry);
        Gauge.builder("lsmbd_nbd_handshakes", choosing, AtomicInteger::get)
                .description("NBD connections that have not chosen an export yet")
                .register(registry);
        accepted =
                Counter.builder("lsmbd_nbd_connections_total")
                        .description("NBD connections accepted")
                        .register(registry);
        refused =
                byReason(
                        registry,
                        Refusal.class,
                        "lsmbd_nbd_refused_connections_total",
                        "NBD connections closed at once because of a limit");
        failed =
                byReason(
                        registry,
                        HandshakeFailure.class,
                        "lsmbd_nbd_handshake_failures_total",
                        "Connections that did not get to an export");
        refusedExports =
                byReason(
                        registry,
                        ExportRefusal.class,
                        "lsmbd_nbd_refused_exports_total",
                        "Options that named an export that there is not, or not for their client");
        stalled =
                byReason(
                        registry,
                        Stall.class,
                        "lsmbd_nbd_stalled_connections_total",
                        "NBD connections closed because their client stood still");
    }

    /** Lets the gauges of what is in flight ask {@code budget}. */
    public void watch(InFlightBudget budget) {
        gauge("lsmbd_nbd_room_taken_bytes", budget, usage -> usage.bytes())
                .description("Memory that requests and replies in flight have taken")
                .register(registry);
        gauge("lsmbd_nbd_room_taken_requests", budget, usage -> usage.requests())
                .description("NBD requests that have taken room to be in flight")
                .register(registry);
        gauge("lsmbd_nbd_room_waiting_connections", budget, usage -> usage.waiting())
                .description("NBD connections that are not read until there is room in flight")
                .register(registry);
    }

    private static Gauge.Builder<InFlightBudget> gauge(
            String name, InFlightBudget budget, ToDoubleFunction<InFlightBudget.Usage> value) {
        return Gauge.builder(name, budget, b -> value.applyAsDouble(b.usage()));
    }

    /** One counter for each reason, there from the start: an alert needs a series to look at. */
    private static <R extends Enum<R>> Map<R, Counter> byReason(
            MeterRegistry registry, Class<R> reasons, String name, String help) {
        Map<R, Counter> counters = new EnumMap<>(reasons);
        for (R reason : reasons.getEnumConstants()) {
            counters.put(
                    reason,
                    Counter.builder(name)
                            .description(help)
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        return counters;
    }

    public void opened() {
        accepted.increment();
        open.incrementAndGet();
    }

    public void closed() {
        open.decrementAndGet();
    }

    /** So many connections have not chosen yet. */
    public void choosing(int count) {
        choosing.set(count);
    }

    public void refused(Refusal reason) {
        Objects.requireNonNull(refused.get(reason)).increment();
    }

    public void refused(ExportRefusal reason) {
        Objects.requireNonNull(refusedExports.get(reason)).increment();
    }

    public void stalled(Stall reason) {
        Objects.requireNonNull(stalled.get(reason)).increment();
    }

    public void handshakeFailed(HandshakeFailure reason) {
        Objects.requireNonNull(failed.get(reason)).increment();
    }
}
