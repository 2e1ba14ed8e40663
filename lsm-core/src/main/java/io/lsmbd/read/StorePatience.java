package io.lsmbd.read;

import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Repeats a read of what is in the store alone while that cannot be had, for as long as a client is
 * to wait. Between two attempts nothing is held, no buffer and no flight, so that reads which need
 * no store find room beside any number of those.
 */
public final class StorePatience {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LAST_PAUSE = Duration.ofSeconds(2);

    private final Environment environment;
    private final Duration atMost;
    private final BooleanSupplier isGivenUp;

    /** One attempt; what it did before it threw is done anew by the next. */
    interface Attempt {
        boolean run() throws StorageException;
    }

    /**
     * @param atMost from the beginning of the first attempt to that of the last
     * @param isGivenUp whether the volume is closed or has failed: then nobody waits any longer
     */
    public StorePatience(Environment environment, Duration atMost, BooleanSupplier isGivenUp) {
        this.environment = environment;
        this.atMost = atMost;
        this.isGivenUp = isGivenUp;
    }

    /**
     * What the first attempt that does not fail returns; blocks until then.
     *
     * @param isWanted whether anybody waits for it; asked before every attempt but the first
     */
    boolean insist(Attempt attempt, BooleanSupplier isWanted) throws StorageException {
        long started = environment.nanoClock().nanos();
        Duration pause = FIRST_PAUSE;
        @Nullable RandomGenerator random = null;
        while (true) {
            ObjectStoreException failure;
            try {
                return attempt.run();
            } catch (ObjectStoreException e) {
                failure = e;
                long spent = environment.nanoClock().nanos() - started;
                boolean isTooLate = atMost.minusNanos(spent).compareTo(pause) < 0;
                if (!e.isRetryable() || isTooLate || isUseless(isWanted)) {
                    throw e;
                }
            }
            if (random == null) {
                random = environment.random("read-pause");
            }
            environment.sleep(pause.minusNanos(random.nextLong(pause.toNanos() / 2)));
            // Much may have happened meanwhile, and an attempt may take long.
            if (isUseless(isWanted)) {
                throw failure;
            }
            pause = pause.compareTo(LAST_PAUSE) < 0 ? pause.multipliedBy(2) : LAST_PAUSE;
        }
    }

    private boolean isUseless(BooleanSupplier isWanted) {
        return isGivenUp.getAsBoolean() || !isWanted.getAsBoolean();
    }
}
