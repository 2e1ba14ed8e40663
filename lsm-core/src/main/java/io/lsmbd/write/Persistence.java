package io.lsmbd.write;

import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats what must happen until the store lets it: neither an outage nor rights that were taken
 * away for a while are a reason to fail a volume; an object that must be there and is not, is.
 * Pauses grow to ten seconds and are jittered, and end when the volume is given up.
 */
final class Persistence {
    private static final Logger LOG = LoggerFactory.getLogger(Persistence.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LAST_PAUSE = Duration.ofSeconds(10);

    private final Environment environment;
    private final BooleanSupplier givenUp;

    /** One attempt; false if nobody knows how it ended and it is to be repeated. */
    interface Attempt {
        boolean succeeds() throws StorageException;
    }

    Persistence(Environment environment, BooleanSupplier givenUp) {
        this.environment = environment;
        this.givenUp = givenUp;
    }

    /**
     * Blocks until an attempt has succeeded.
     *
     * @param what for the log
     * @throws StorageException what an attempt threw, if the store may not let it pass later either
     */
    void insist(String what, Attempt attempt) throws StorageException {
        RandomGenerator random = environment.random("pause");
        Duration pause = FIRST_PAUSE;
        while (!givenUp.getAsBoolean()) {
            try {
                if (attempt.succeeds()) {
                    return;
                }
                LOG.debug("outcome unknown, trying again what={}", what);
            } catch (ObjectStoreException e) {
                if (e.isNotFound()) {
                    throw e;
                }
                tell(what, e);
            }
            environment.sleep(pause.plusMillis(random.nextLong(1 + pause.toMillis() / 2)));
            pause = pause.compareTo(LAST_PAUSE) < 0 ? pause.multipliedBy(2) : LAST_PAUSE;
        }
        throw new VolumeClosedException("closed before this was done: " + what);
    }

    /** Of a store that is away one line tells, whatever was tried meanwhile (StoreHealth). */
    private static void tell(String what, ObjectStoreException e) {
        if (e.isRetryable()) {
            LOG.debug("store does not let it yet what={} reason={}", what, e.getMessage());
        } else {
            LOG.warn("store does not let it yet what={} reason={}", what, e.getMessage());
        }
    }
}
