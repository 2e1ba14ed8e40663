package io.lsmbd.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Lets real threads do something at the same instant, and brings what each came back with. */
public final class Race {
    private Race() {}

    /** Runs {@code runners} tasks, numbered from 0, that start together; throws what any threw. */
    public static <T> List<T> run(int runners, IntFunction<Callable<T>> task)
            throws InterruptedException, ExecutionException {
        CyclicBarrier start = new CyclicBarrier(runners);
        try (ExecutorService threads = Executors.newFixedThreadPool(runners)) {
            List<Future<T>> running = new ArrayList<>();
            for (int i = 0; i < runners; i++) {
                Callable<T> one = task.apply(i);
                running.add(
                        threads.submit(() -> {
                            start.await();
                            return one.call();
                        }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : running) {
                results.add(future.get());
            }
            return results;
        }
    }
}
