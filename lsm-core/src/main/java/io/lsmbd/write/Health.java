package io.lsmbd.write;

import io.lsmbd.env.Signal;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a volume still works. The first fatal error (fenced, corrupt, the log refusing) stays for
 * good: every later call fails with it.
 */
public final class Health {
    private static final Logger LOG = LoggerFactory.getLogger(Health.class);
    private final String volume;
    private final Signal failed;
    private volatile Consumer<StorageException> onFailure = _ -> {};
    private final AtomicReference<@Nullable StorageException> cause = new AtomicReference<>();

    public Health(String volume, Signal failed) {
        this.volume = volume;
        this.failed = failed;
    }

    public void fail(StorageException reason) {
        if (cause.compareAndSet(null, reason)) {
            if (!(reason instanceof VolumeClosedException)) {
                LOG.error("volume failed volume={} reason={}", volume, reason.getMessage());
            }
            failed.signalAll();
            onFailure.accept(reason);
        }
    }

    /** Who is told of the failure, once; also at once, if that has happened already. */
    void onFailure(Consumer<StorageException> listener) {
        onFailure = listener;
        StorageException reason = cause.get();
        if (reason != null) {
            listener.accept(reason);
        }
    }

    public boolean isGood() {
        return cause.get() == null;
    }

    /** Why it failed; null while it works. */
    public @Nullable StorageException cause() {
        return cause.get();
    }

    public void check() throws StorageException {
        StorageException reason = cause.get();
        if (reason != null) {
            throw new VolumeClosedException(
                    "volume %s failed: %s".formatted(volume, reason.getMessage()), reason);
        }
    }

    /** Told on {@link #fail}; conditions that look at {@link #isGood} may wait here. */
    public Signal signal() {
        return failed;
    }
}
