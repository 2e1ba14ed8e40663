package io.lsmbd.objectstore.decorator;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * What an operator sees of the object store; one attempt is one request.
 *
 * <pre>
 * lsmbd_store_requests_total{op,result}        requests by how they ended
 * lsmbd_store_request_duration_seconds{op}     how long they took, as a histogram
 * lsmbd_store_bytes_total{direction}           bytes of objects moved: up, down
 * </pre>
 */
final class ObjectStoreMetrics {
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(10),
        Duration.ofMillis(25), Duration.ofMillis(50), Duration.ofMillis(100),
        Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofSeconds(1),
        Duration.ofMillis(2500), Duration.ofSeconds(5), Duration.ofSeconds(10),
        Duration.ofSeconds(30)
    };

    /** The label {@code op}. */
    enum Operation {
        PUT,
        GET,
        READ,
        INFO,
        LIST,
        DELETE
    }

    /** The label {@code result}. */
    enum Result {
        OK,
        CONDITION_FAILED,
        UNKNOWN,
        NOT_FOUND,
        RETRYABLE,
        FINAL
    }

    private record Ended(Operation operation, Result result) {}

    private final MeterRegistry registry;
    private final Map<Ended, Counter> requests = new ConcurrentHashMap<>();
    private final Map<Operation, Timer> durations = new ConcurrentHashMap<>();
    private final Counter bytesUp;
    private final Counter bytesDown;

    ObjectStoreMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.bytesUp = bytes("up");
        this.bytesDown = bytes("down");
        for (Operation operation : Operation.values()) {
            requests.put(new Ended(operation, Result.OK), requests(operation, Result.OK));
            durations.put(operation, duration(operation));
        }
    }

    private Counter bytes(String direction) {
        return Counter.builder("lsmbd.store.bytes")
                .description("Bytes of objects moved to (up) and from (down) the object store")
                .tag("direction", direction)
                .register(registry);
    }

    private Counter requests(Operation operation, Result result) {
        return Counter.builder("lsmbd.store.requests")
                .description("Requests to the object store by how they ended; retries count anew")
                .tag("op", label(operation))
                .tag("result", label(result))
                .register(registry);
    }

    private Timer duration(Operation operation) {
        return Timer.builder("lsmbd.store.request.duration")
                .description("How long requests to the object store took")
                .tag("op", label(operation))
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    void ended(Operation operation, Result result, long nanos) {
        requests.computeIfAbsent(
                        new Ended(operation, result), ended -> requests(operation, ended.result))
                .increment();
        durations.computeIfAbsent(operation, this::duration).record(nanos, TimeUnit.NANOSECONDS);
    }

    void sent(long bytes) {
        bytesUp.increment((double) bytes);
    }

    void received(long bytes) {
        bytesDown.increment((double) bytes);
    }
}
