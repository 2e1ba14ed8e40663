package io.lsmbd.wal;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps a bounded number of reusable objects; never waits. Thread-safe. */
final class Pool<T> {
    private static final int SLOTS = 32;
    private static final int PROBES = 4;
    private final AtomicReferenceArray<@Nullable T> slots = new AtomicReferenceArray<>(SLOTS);
    private final Supplier<T> maker;

    Pool(Supplier<T> maker) {
        this.maker = maker;
    }

    /** One that nobody else uses: a kept one if there is one nearby, else a new one. */
    T take() {
        int start = start();
        for (int i = 0; i < PROBES; i++) {
            T kept = slots.getAndSet((start + i) % SLOTS, null);
            if (kept != null) {
                return kept;
            }
        }
        return maker.get();
    }

    /** Keeps it, or drops it if there is no place nearby. */
    void give(T unused) {
        int start = start();
        for (int i = 0; i < PROBES; i++) {
            if (slots.compareAndSet((start + i) % SLOTS, null, unused)) {
                return;
            }
        }
    }

    private static int start() {
        return (int) (Thread.currentThread().threadId() % SLOTS);
    }
}
