package io.lsmbd.server;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import io.lsmbd.env.Task;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.decorator.StoreHealth;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of trouble with the object store: one warning when it is noticed, one line when it is over,
 * and in between whoever asks. While there is trouble and nobody else asks the store for anything,
 * it does, every few seconds, so that trouble never outlives its cause; otherwise it costs no
 * request.
 *
 * <pre>
 * lsmbd_store_up                    0 while the store is in trouble
 * lsmbd_store_success_age_seconds   since the last request that was answered; grows while idle, too
 * </pre>
 */
final class StoreWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreWatch.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final long ASK_EVERY = 5;

    private final Environment environment;
    private final ObjectStore store;
    private final StoreHealth health;
    private final Log log;
    private final LogRate rate = new LogRate();
    private final Signal closing;
    private @Nullable Task task; // start and close only
    private volatile boolean isClosed;

    /** When the trouble that was told began; of the task. */
    private @Nullable Long sinceNanos;

    private long rounds; // of the task

    /**
     * What writes go on into.
     *
     * @param position bytes appended so far
     * @param room bytes that fit before writes wait
     */
    record Log(LongSupplier position, LongSupplier room) {}

    /**
     * @param store as {@code health} sees it, without retries
     */
    StoreWatch(
            Environment environment,
            ObjectStore store,
            StoreHealth health,
            Log log,
            MeterRegistry registry) {
        this.environment = environment;
        this.store = store;
        this.health = health;
        this.log = log;
        this.closing = environment.signal();
        Gauge.builder("lsmbd.store.up", health, h -> h.trouble().isEmpty() ? 1 : 0)
                .description("0 while requests to the object store fail or are not answered")
                .register(registry);
        Gauge.builder("lsmbd.store.success.age", health, h -> h.sinceSuccess().toMillis() / 1e3)
                .description("Time since the object store last answered; also while nobody asks")
                .baseUnit("seconds")
                .register(registry);
    }

    StoreWatch start() {
        task =
                environment.spawnVirtual(
                        "store-watch",
                        () -> {
                            while (!closing.await(() -> isClosed, PERIOD)) {
                                runOnce();
                            }
                        });
        return this;
    }

    /** What is wrong and what it means, in a sentence; empty while all is well. Never blocks. */
    Optional<String> problem() {
        return health.trouble().map(this::describe);
    }

    private String describe(StoreHealth.Trouble trouble) {
        String writes =
                rate.timeFor(log.room().getAsLong())
                        .map(left -> "for about " + inWords(left) + " at their present rate")
                        .orElse("until it is full");
        return ("the object store has failed for %s: %s; writes go on into the log %s, then they"
                        + " wait")
                .formatted(inWords(trouble.lasting()), trouble.reason(), writes);
    }

    /** Two digits are enough. */
    private static String inWords(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 120) {
            return seconds + " s";
        }
        return seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }

    void runOnce() {
        long now = environment.nanoClock().nanos();
        rate.sample(now, log.position().getAsLong());
        Optional<StoreHealth.Trouble> trouble = health.trouble();
        Long told = sinceNanos;
        if (trouble.isPresent() && told == null) {
            sinceNanos = now - trouble.get().lasting().toNanos();
            LOG.warn(
                    "{}. It is tried again until it answers; when it does, all goes on by itself"
                            + " store={}",
                    describe(trouble.get()),
                    store.location());
        } else if (trouble.isEmpty() && told != null) {
            sinceNanos = null;
            LOG.info(
                    "the object store answers again store={} outageSeconds={}",
                    store.location(),
                    TimeUnit.NANOSECONDS.toSeconds(now - told));
        }
        if (trouble.isPresent() && health.isIdle() && rounds++ % ASK_EVERY == 0) {
            ask();
        }
    }

    /** Whatever the answer is, the store has heard of it. */
    private void ask() {
        try {
            LOG.debug("object store asked answer={}", store.info(ObjectKey.probeResult()));
        } catch (ObjectStoreException e) {
            LOG.debug("object store asked answer={}", e.getMessage());
        }
    }

    @Override
    public void close() {
        isClosed = true;
        closing.signalAll();
        Task running = task;
        if (running != null) {
            running.join();
            task = null;
        }
    }
}
