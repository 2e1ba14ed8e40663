package io.lsmbd.objectstore.decorator;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * What an operator sees of the object store; one attempt is one request.
 *
 * <pre>
 * lsmbd_store_requests_total{op,purpose,result}   requests by what for, and how they ended
 * lsmbd_store_request_duration_seconds{op}        how long they took, as a histogram
 * lsmbd_store_bytes_total{direction,purpose}      bytes of objects moved: up, down
 * lsmbd_store_cost_total{purpose}                 what the store's owner asks for all that
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
        THROTTLED,
        FINAL
    }

    private record Ended(Operation operation, Purpose purpose, Result result) {}

    private final MeterRegistry registry;
    private final StorePrices prices;
    private final Map<Ended, Counter> requests = new ConcurrentHashMap<>();
    private final Map<Operation, Timer> durations = new ConcurrentHashMap<>();
    private final Map<Purpose, Account> accounts = new EnumMap<>(Purpose.class);

    /** All that one purpose came to. */
    private final class Account {
        private final Purpose purpose;
        private final Map<Operation, LongAdder> ended = new EnumMap<>(Operation.class);
        private final Counter up;
        private final Counter down;
        private final Counter cost;

        Account(Purpose purpose) {
            this.purpose = purpose;
            this.up = bytes("up", purpose);
            this.down = bytes("down", purpose);
            this.cost =
                    Counter.builder("lsmbd.store.cost")
                            .description("Price of requests and transfer, by the prices of [cost]")
                            .tag("purpose", label(purpose))
                            .register(registry);
            for (Operation operation : Operation.values()) {
                ended.put(operation, new LongAdder());
            }
        }

        void ended(Operation operation) {
            Objects.requireNonNull(ended.get(operation)).increment();
            cost.increment(prices.ofRequest(operation));
        }

        StoreUse use() {
            return new StoreUse(
                    purpose,
                    sum(Operation.PUT, Operation.LIST),
                    sum(Operation.GET, Operation.READ, Operation.INFO),
                    sum(Operation.DELETE),
                    (long) up.count(),
                    (long) down.count(),
                    cost.count());
        }

        private long sum(Operation... operations) {
            long sum = 0;
            for (Operation operation : operations) {
                sum += Objects.requireNonNull(ended.get(operation)).sum();
            }
            return sum;
        }
    }

    ObjectStoreMetrics(MeterRegistry registry, StorePrices prices) {
        this.registry = registry;
        this.prices = prices;
        for (Purpose purpose : Purpose.values()) {
            accounts.put(purpose, new Account(purpose));
        }
        for (Operation operation : Operation.values()) {
            durations.put(operation, duration(operation));
        }
    }

    private Counter bytes(String direction, Purpose purpose) {
        return Counter.builder("lsmbd.store.bytes")
                .description("Bytes of objects moved to (up) and from (down) the object store")
                .tag("direction", direction)
                .tag("purpose", label(purpose))
                .register(registry);
    }

    private Counter requests(Ended ended) {
        return Counter.builder("lsmbd.store.requests")
                .description("Requests to the object store by how they ended; retries count anew")
                .tag("op", label(ended.operation))
                .tag("purpose", label(ended.purpose))
                .tag("result", label(ended.result))
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

    void ended(Operation operation, Purpose purpose, Result result, long nanos) {
        requests.computeIfAbsent(new Ended(operation, purpose, result), this::requests).increment();
        durations.computeIfAbsent(operation, this::duration).record(nanos, TimeUnit.NANOSECONDS);
        account(purpose).ended(operation);
    }

    void sent(Purpose purpose, long bytes) {
        account(purpose).up.increment((double) bytes);
        account(purpose).cost.increment(prices.ofSent(bytes));
    }

    void received(Purpose purpose, long bytes) {
        account(purpose).down.increment((double) bytes);
        account(purpose).cost.increment(prices.ofReceived(bytes));
    }

    private Account account(Purpose purpose) {
        return Objects.requireNonNull(accounts.get(purpose));
    }

    /** By purpose, those without requests left out. */
    List<StoreUse> use() {
        return accounts.values().stream()
                .map(Account::use)
                .filter(use -> use.puts() + use.gets() + use.deletes() > 0)
                .toList();
    }
}
