package io.lsmbd.objectstore.probe;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import io.lsmbd.env.Task;
import io.lsmbd.error.ObjectStoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Lets tasks begin at the same instant, and brings what each came back with. */
final class Together {
    private final Environment environment;

    Together(Environment environment) {
        this.environment = environment;
    }

    /** What one task does with the store. */
    @FunctionalInterface
    interface Request<T> {
        T make() throws ObjectStoreException;
    }

    /** Written by its task, read after that has ended. */
    private static final class Lane<T> {
        private @Nullable T result;
        private @Nullable ObjectStoreException refusal;
        private @Nullable RuntimeException bug;

        void run(Request<T> request) {
            try {
                result = request.make();
            } catch (ObjectStoreException e) {
                refusal = e;
            } catch (RuntimeException e) {
                bug = e; // thrown again by whoever waits for us
            }
        }

        T outcome() throws ObjectStoreException {
            if (refusal != null) {
                throw refusal;
            }
            if (result == null) {
                throw new IllegalStateException("a request ended without a result", bug);
            }
            return result;
        }
    }

    /**
     * Makes {@code count} requests, numbered from 0; throws what the first of them threw, if any.
     */
    <T> List<T> make(int count, IntFunction<Request<T>> requests) throws ObjectStoreException {
        Signal go = environment.signal();
        AtomicInteger ready = new AtomicInteger();
        List<Lane<T>> lanes = new ArrayList<>();
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Request<T> request = requests.apply(i);
            Lane<T> lane = new Lane<>();
            lanes.add(lane);
            tasks.add(
                    environment.spawnVirtual(
                            "probe-" + i,
                            () -> {
                                if (ready.incrementAndGet() == count) {
                                    go.signalAll();
                                }
                                go.await(() -> ready.get() == count);
                                lane.run(request);
                            }));
        }
        tasks.forEach(Task::join);
        List<T> outcomes = new ArrayList<>();
        for (Lane<T> lane : lanes) {
            outcomes.add(lane.outcome());
        }
        return outcomes;
    }
}
