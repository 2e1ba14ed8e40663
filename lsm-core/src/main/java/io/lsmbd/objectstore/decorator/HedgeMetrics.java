package io.lsmbd.objectstore.decorator;

import io.lsmbd.objectstore.decorator.HedgePolicy.Kind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Second requests.
 *
 * <pre>
 * lsmbd_store_hedges_total{op,winner}   winner: first, second, none (both failed)
 * </pre>
 */
final class HedgeMetrics {
    /** The label {@code winner}. */
    enum Winner {
        FIRST,
        SECOND,
        NONE
    }

    private final Map<Kind, Map<Winner, Counter>> hedges = new EnumMap<>(Kind.class);

    HedgeMetrics(MeterRegistry registry) {
        for (Kind kind : Kind.values()) {
            Map<Winner, Counter> ofKind = new EnumMap<>(Winner.class);
            for (Winner winner : Winner.values()) {
                ofKind.put(
                        winner,
                        Counter.builder("lsmbd.store.hedges")
                                .description(
                                        "Requests sent a second time, the first being late, by"
                                                + " which was answered first")
                                .tag("op", kind.name().toLowerCase(Locale.ROOT))
                                .tag("winner", winner.name().toLowerCase(Locale.ROOT))
                                .register(registry));
            }
            hedges.put(kind, ofKind);
        }
    }

    void ended(Kind kind, Winner winner) {
        Map<Winner, Counter> ofKind = Objects.requireNonNull(hedges.get(kind));
        Objects.requireNonNull(ofKind.get(winner)).increment();
    }
}
