package io.lsmbd.objectstore.probe;

import io.lsmbd.env.Environment;
import io.lsmbd.env.NanoClock;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.ETag;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** How far the store's clock is from ours, and how fast it is from here. */
final class SpeedChecks {
    private static final Duration SKEW_TO_MENTION = Duration.ofSeconds(10);

    /** S3 refuses requests that are a quarter of an hour off; a clock that drifts gets there. */
    private static final Duration SKEW_TO_MEND = Duration.ofMinutes(5);

    /** Object times are whole seconds in S3. */
    private static final long TIME_STEP_MILLIS = 1000;

    private static final int SAMPLES = 100;
    private static final int SAMPLE_BYTES = 4096;
    private static final Duration SLOW_PUT = Duration.ofMillis(500);
    private static final int STREAMS = 4;
    private static final int ROUNDS = 2;
    private static final int LARGE_BYTES = 4 << 20;
    private static final long SLOW_BYTES_PER_SECOND = 8L << 20;

    private final ObjectStore store;
    private final ProbeRoom room;
    private final Environment environment;
    private final ProbeConfig config;

    SpeedChecks(ObjectStore store, ProbeRoom room, Environment environment, ProbeConfig config) {
        this.store = store;
        this.room = room;
        this.environment = environment;
        this.config = config;
    }

    /** An object's time must lie between the moments before and after it was put. */
    Finding clock() throws ObjectStoreException {
        ObjectKey key = room.key("clock");
        long before = environment.wallClock().millis();
        room.put(key, room.randomBytes(1));
        long after = environment.wallClock().millis();
        Optional<ObjectInfo> info = room.inform(key);
        if (info.isEmpty() || info.get().modifiedMillis() <= 0) {
            return Finding.skipped("the store does not tell its time");
        }
        long skew = skew(info.get().modifiedMillis(), before, after);
        Duration size = Duration.ofMillis(Math.abs(skew));
        String way = skew < 0 ? "behind" : "ahead of";
        String text = "the store's clock is %d s %s ours".formatted(size.toSeconds(), way);
        String hint =
                "Set both clocks by NTP: S3 refuses requests that are 15 minutes off, and times in"
                        + " logs and listings mislead.";
        if (size.compareTo(SKEW_TO_MEND) >= 0) {
            return Finding.failed(text, hint).with("skewMillis", skew);
        }
        return (size.compareTo(SKEW_TO_MENTION) >= 0
                        ? Finding.warning(text, hint)
                        : Finding.ok("the store's clock is with ours"))
                .with("skewMillis", skew);
    }

    private static long skew(long storeMillis, long before, long after) {
        if (storeMillis < before - TIME_STEP_MILLIS) {
            return storeMillis - before;
        }
        return storeMillis > after + TIME_STEP_MILLIS ? storeMillis - after : 0;
    }

    /** Small requests, one after another. */
    Finding latency() throws ObjectStoreException {
        byte[] body = room.randomBytes(SAMPLE_BYTES);
        ObjectKey key = room.key("latency");
        Latencies puts = measured(() -> room.put(key, body));
        Latencies gets = measured(() -> store.get(key));
        String text =
                "PUT 4 KiB p50 %s p99 %s, GET 4 KiB p50 %s p99 %s"
                        .formatted(
                                millis(puts.p50Micros()),
                                millis(puts.p99Micros()),
                                millis(gets.p50Micros()),
                                millis(gets.p99Micros()));
        boolean isSlow =
                puts.p50Micros() > TimeUnit.MICROSECONDS.convert(SLOW_PUT)
                        || gets.p50Micros() > TimeUnit.MICROSECONDS.convert(SLOW_PUT);
        Finding finding =
                isSlow
                        ? Finding.warning(
                                text,
                                "Reads that no cache answers, and every FLUSH in durability object,"
                                        + " take that long. Is there a store nearer to this host?")
                        : Finding.ok(text);
        return finding.with("samples", puts.samples())
                .with("putP50Micros", puts.p50Micros())
                .with("putP99Micros", puts.p99Micros())
                .with("getP50Micros", gets.p50Micros())
                .with("getP99Micros", gets.p99Micros());
    }

    private record Latencies(int samples, long p50Micros, long p99Micros) {
        static Latencies of(List<Long> nanos) {
            List<Long> sorted = nanos.stream().sorted().toList();
            return new Latencies(sorted.size(), at(sorted, 50), at(sorted, 99));
        }

        private static long at(List<Long> sorted, int percent) {
            int index = Math.ceilDiv(sorted.size() * percent, 100) - 1;
            return TimeUnit.NANOSECONDS.toMicros(sorted.get(index));
        }
    }

    private Latencies measured(Together.Request<?> request) throws ObjectStoreException {
        NanoClock clock = environment.nanoClock();
        Patience patience = new Patience(clock, config.patience().dividedBy(2));
        List<Long> nanos = new ArrayList<>();
        do {
            long started = clock.nanos();
            request.make();
            nanos.add(clock.nanos() - started);
        } while (nanos.size() < SAMPLES && !patience.isOver());
        return Latencies.of(nanos);
    }

    private static String millis(long micros) {
        return String.format(Locale.ROOT, "%.2f ms", micros / 1000.0);
    }

    /** Large objects, some at a time. */
    Finding throughput() throws ObjectStoreException {
        byte[] body = room.randomBytes(LARGE_BYTES);
        List<ObjectKey> keys = new ArrayList<>();
        for (int i = 0; i < STREAMS * ROUNDS; i++) {
            keys.add(room.key("throughput/" + i));
        }
        long put = rate(keys, key -> put(key, body));
        List<ByteBuffer> buffers = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            buffers.add(ByteBuffer.allocate(LARGE_BYTES));
        }
        long get = rate(keys, key -> isRead(key, body, buffers.get(keys.indexOf(key) % STREAMS)));
        String text = "PUT %s/s, GET %s/s, %d at a time".formatted(size(put), size(get), STREAMS);
        boolean isSlow = Math.min(put, get) < SLOW_BYTES_PER_SECOND;
        Finding finding =
                isSlow
                        ? Finding.warning(
                                text,
                                "Writes that go on for long become as slow as this, once the log's"
                                        + " budget is full.")
                        : Finding.ok(text);
        return finding.with("putBytesPerSecond", put).with("getBytesPerSecond", get);
    }

    @FunctionalInterface
    private interface Transfer {
        boolean isDone(ObjectKey key) throws ObjectStoreException;
    }

    private boolean put(ObjectKey key, byte[] body) throws ObjectStoreException {
        ETag etag = room.put(key, body);
        return !etag.value().isEmpty();
    }

    private boolean isRead(ObjectKey key, byte[] body, ByteBuffer into)
            throws ObjectStoreException {
        store.read(key, 0, into.clear());
        return into.flip().equals(ByteBuffer.wrap(body));
    }

    /** Bytes per second over all keys, as many at a time as there are streams. */
    private long rate(List<ObjectKey> keys, Transfer transfer) throws ObjectStoreException {
        NanoClock clock = environment.nanoClock();
        long started = clock.nanos();
        var together = new Together(environment);
        for (int round = 0; round < ROUNDS; round++) {
            int first = round * STREAMS;
            List<Boolean> done =
                    together.make(STREAMS, i -> () -> transfer.isDone(keys.get(first + i)));
            if (done.contains(false)) {
                throw new ObjectStoreException(
                        ObjectStoreException.Outlook.FINAL,
                        "an object of %d bytes came back with other bytes".formatted(LARGE_BYTES));
            }
        }
        long nanos = Math.max(1, clock.nanos() - started);
        return Math.round((double) LARGE_BYTES * keys.size() * 1e9 / nanos);
    }

    private static String size(long bytes) {
        return new DataSize(bytes).toString();
    }
}
