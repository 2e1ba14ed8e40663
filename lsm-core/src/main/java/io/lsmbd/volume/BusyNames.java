package io.lsmbd.volume;

import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.VolumeName;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Volumes that some call is attaching, changing or deleting just now. Thread-safe. */
final class BusyNames {
    private final Set<VolumeName> busy = ConcurrentHashMap.newKeySet();

    /** What one call does with one volume. */
    @FunctionalInterface
    interface Step<T> {
        T run() throws StorageException;
    }

    /**
     * Takes the step unless another one is under way with that volume; never waits for that.
     *
     * @throws RefusedException BUSY if one is
     */
    <T> T exclusively(VolumeName name, Step<T> step) throws StorageException {
        if (!busy.add(name)) {
            throw new RefusedException(
                    RefusedException.Reason.BUSY,
                    "volume %s is being attached, resized or deleted just now".formatted(name));
        }
        try {
            return step.run();
        } finally {
            busy.remove(name);
        }
    }
}
