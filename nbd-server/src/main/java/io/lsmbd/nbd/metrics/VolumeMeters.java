package io.lsmbd.nbd.metrics;

import io.lsmbd.nbd.wire.NbdCommand;
import io.lsmbd.nbd.wire.NbdError;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The meters of one volume. Thread-safe; recording a success allocates nothing. */
public final class VolumeMeters {
    private final MeterRegistry registry;
    private final String volume;
    private final Map<NbdCommand, Timer> durations;
    private final Map<NbdCommand, Counter> succeeded = new EnumMap<>(NbdCommand.class);

    /** Come into being with the first error of their kind. */
    private final Map<Failed, Counter> failed = new ConcurrentHashMap<>();

    private final Counter bytesRead;
    private final Counter bytesWritten;

    private record Failed(String op, NbdError result) {}

    VolumeMeters(MeterRegistry registry, String volume, Map<NbdCommand, Timer> durations) {
        this.registry = registry;
        this.volume = volume;
        this.durations = durations;
        for (NbdCommand command : durations.keySet()) {
            succeeded.put(command, register(command.label(), NbdError.OK));
        }
        bytesRead = bytes("read");
        bytesWritten = bytes("write");
    }

    /** A request was answered; {@code command} is null for an unknown one, never DISC. */
    public void finished(@Nullable NbdCommand command, NbdError result, long nanos) {
        if (command == null) {
            failed("unknown", result).increment();
            return;
        }
        if (result == NbdError.OK) {
            Objects.requireNonNull(succeeded.get(command)).increment();
        } else {
            failed(command.label(), result).increment();
        }
        Objects.requireNonNull(durations.get(command)).record(nanos, TimeUnit.NANOSECONDS);
    }

    private Counter failed(String op, NbdError result) {
        return failed.computeIfAbsent(new Failed(op, result), f -> register(f.op(), f.result()));
    }

    public void read(long bytes) {
        bytesRead.increment((double) bytes);
    }

    public void written(long bytes) {
        bytesWritten.increment((double) bytes);
    }

    void close() {
        succeeded.values().forEach(registry::remove);
        failed.values().forEach(registry::remove);
        registry.remove(bytesRead);
        registry.remove(bytesWritten);
    }

    private Counter register(String op, NbdError result) {
        return Counter.builder("lsmbd_nbd_requests_total")
                .description("NBD requests answered")
                .tag("volume", volume)
                .tag("op", op)
                .tag("result", result.label())
                .register(registry);
    }

    private Counter bytes(String direction) {
        return Counter.builder("lsmbd_nbd_bytes_total")
                .description("Bytes that clients read and wrote")
                .tag("volume", volume)
                .tag("direction", direction)
                .register(registry);
    }
}
