package io.lsmbd.testkit;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import io.lsmbd.error.StorageException;
import io.lsmbd.volume.BlockVolume;
import io.lsmbd.volume.Completion;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A flush that waits. */
public final class Flush {
    private Flush() {}

    public static void now(BlockVolume volume, Environment environment) throws StorageException {
        Signal signal = environment.signal();
        AtomicBoolean ended = new AtomicBoolean();
        AtomicReference<@Nullable StorageException> failure = new AtomicReference<>();
        volume.flush(
                new Completion() {
                    @Override
                    public void done() {
                        ended.set(true);
                        signal.signalAll();
                    }

                    @Override
                    public void failed(StorageException cause) {
                        failure.set(cause);
                        done();
                    }
                });
        signal.await(ended::get);
        StorageException cause = failure.get();
        if (cause != null) {
            throw cause;
        }
    }
}
