package io.lsmbd.nbd;

import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.nbd.handshake.HandshakeLimits;
import io.lsmbd.nbd.transmission.TransmissionLimits;
import io.lsmbd.testkit.ModelVolume;
import io.lsmbd.volume.BlockVolume;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A server with volumes in memory on a free TCP port. Closing it fails if a buffer leaked or a task
 * died.
 */
final class NbdFixture implements AutoCloseable {
    static final long SIZE = 64 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    final ModelVolume disk = new ModelVolume("disk", SIZE);
    final ModelVolume fixed = new ModelVolume("fixed", SIZE, ModelVolume.Access.READ_ONLY);
    final CopyOnWriteArrayList<BlockVolume> volumes =
            new CopyOnWriteArrayList<>(List.of(disk, fixed));
    volatile boolean isComplete = true;
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final NbdServer server;
    private final AtomicReference<@Nullable Throwable> death = new AtomicReference<>();

    NbdFixture() throws IOException {
        this(defaults());
    }

    NbdFixture(NbdServerConfig config) throws IOException {
        server =
                NbdServer.start(
                        config,
                        ModelServer.catalog(volumes, () -> isComplete),
                        new SystemEnvironment((_, cause) -> death.set(cause)),
                        registry);
    }

    static NbdServerConfig defaults() {
        return config(TransmissionLimits.STANDARD, 100, Duration.ofSeconds(60));
    }

    static NbdServerConfig config(
            TransmissionLimits limits, int maxConnections, Duration handshakeTimeout) {
        return new FixtureConfig()
                .connections(new ConnectionLimits(maxConnections, maxConnections, maxConnections))
                .handshake(
                        new HandshakeLimits(
                                handshakeTimeout,
                                handshakeTimeout,
                                HandshakeLimits.STANDARD.optionData(),
                                HandshakeLimits.STANDARD.options()))
                .transmission(limits)
                .build();
    }

    double handshakeFailures(String reason) {
        return counter("lsmbd_nbd_handshake_failures_total", reason);
    }

    double counter(String name, String reason) {
        return registry.get(name).tag("reason", reason).counter().count();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.boundAddresses().getFirst();
    }

    RawNbdClient connect() throws IOException {
        return RawNbdClient.connect(address());
    }

    RawNbdClient greeted() throws IOException {
        return RawNbdClient.greeted(address());
    }

    RawNbdClient simple() throws IOException {
        return RawNbdClient.simple(address(), "disk");
    }

    RawNbdClient structured() throws IOException {
        return RawNbdClient.structured(address(), "disk");
    }

    void awaitConnections(int count) {
        await(() -> registry.get("lsmbd_nbd_connections").gauge().value() == count);
    }

    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("did not come true in " + PATIENCE);
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        disk.release();
        fixed.release();
        server.close();
        // Requests whose clients are gone are on threads of their own, and may be on their way out.
        BufferLedger.awaitEmpty();
        Throwable cause = death.get();
        if (cause != null) {
            throw new AssertionError("a task died", cause);
        }
    }
}
