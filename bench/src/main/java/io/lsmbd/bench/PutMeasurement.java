package io.lsmbd.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lsmbd.env.Environment;
import io.lsmbd.env.NanoClock;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.env.Task;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.url.ObjectStores;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures how fast a store takes objects of 32 MiB from our client library alone: the yardstick of
 * {@code it/upload}. {@code args[0]}: the store's address, a prefix of its own; {@code args[1]}:
 * seconds; {@code args[2]}: PUTs under way at a time. For each line of the standard input it
 * measures once, deletes what it wrote, and prints MiB per second.
 */
public final class PutMeasurement {
    private static final int OBJECT_BYTES = 32 << 20;
    private static final VolumeId VOLUME = new VolumeId(1);

    private final Environment environment =
            new SystemEnvironment((_, failure) -> failure.printStackTrace());
    private final NanoClock clock = environment.nanoClock();
    private final ObjectStore store;
    private final AtomicLong nextNumber = new AtomicLong(1);
    private final AtomicLong stored = new AtomicLong();
    private final ByteBuffer body = randomBody();

    private PutMeasurement(ObjectStore store) {
        this.store = store;
    }

    public static void main(String[] args) throws IOException {
        Environment environment = new SystemEnvironment((_, failure) -> failure.printStackTrace());
        Duration duration = Duration.ofSeconds(Long.parseLong(args[1]));
        int parallel = Integer.parseInt(args[2]);
        BufferedReader turns = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        try (ObjectStore store = ObjectStores.open(args[0], environment)) {
            PutMeasurement measurement = new PutMeasurement(store);
            // What is compiled and connected first is not counted.
            measurement.measure(Duration.ofSeconds(3), parallel);
            while (turns.readLine() != null) {
                double rate = measurement.measure(duration, parallel);
                System.out.printf(Locale.ROOT, "%.1f%n", rate);
            }
        }
    }

    /** That no store can compress. */
    private static ByteBuffer randomBody() {
        byte[] bytes = new byte[OBJECT_BYTES];
        new SplittableRandom(1).nextBytes(bytes);
        return ByteBuffer.allocateDirect(OBJECT_BYTES).put(bytes).flip();
    }

    /** MiB per second. */
    private double measure(Duration duration, int parallel) throws StorageException {
        long first = nextNumber.get();
        stored.set(0);
        long start = clock.nanos();
        putUntil(start + duration.toNanos(), parallel);
        double seconds = (clock.nanos() - start) / 1e9;
        for (long number = first; number < nextNumber.get(); number++) {
            store.delete(List.of(ObjectKey.segment(VOLUME, number)));
        }
        return stored.get() * (double) OBJECT_BYTES / (1 << 20) / seconds;
    }

    private void putUntil(long deadline, int parallel) {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < parallel; i++) {
            tasks.add(environment.spawn("put-" + i, () -> putOneByOne(deadline)));
        }
        tasks.forEach(Task::join);
    }

    private void putOneByOne(long deadline) {
        try {
            while (clock.nanos() < deadline) {
                ObjectKey key = ObjectKey.segment(VOLUME, nextNumber.getAndIncrement());
                PutOutcome outcome =
                        store.put(key, List.of(body.duplicate()), new PutCondition.IfAbsent());
                if (!(outcome instanceof PutOutcome.Stored)) {
                    throw new IllegalStateException(key + ": " + outcome);
                }
                stored.incrementAndGet();
            }
        } catch (StorageException e) {
            throw new IllegalStateException(e);
        }
    }
}
