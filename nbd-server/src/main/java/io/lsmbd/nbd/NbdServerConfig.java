package io.lsmbd.nbd;

import io.lsmbd.nbd.transmission.TransmissionLimits;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where and how NBD is served.
 *
 * @param tcp addresses to listen on; port 0 takes any free one
 * @param unixSocket path of a Unix socket to listen on as well
 * @param eventLoopThreads threads that serve connections
 * @param maxConnections any more are closed as they come
 * @param handshakeTimeout from a connection's start until its choice of an export
 * @param drainTimeout how long closing the server waits for requests in flight
 * @param limits of each connection
 */
public record NbdServerConfig(
        List<InetSocketAddress> tcp,
        Optional<Path> unixSocket,
        Transport transport,
        int eventLoopThreads,
        int maxConnections,
        Duration handshakeTimeout,
        Duration drainTimeout,
        TransmissionLimits limits) {
    public static final int DEFAULT_PORT = 10809;
    public static final int DEFAULT_MAX_CONNECTIONS = 1024;
    public static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);
    public static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_DEFAULT_THREADS = 4;

    public NbdServerConfig {
        tcp = List.copyOf(tcp);
        if (tcp.isEmpty() && unixSocket.isEmpty()) {
            throw new IllegalArgumentException("no address to listen on");
        }
        if (eventLoopThreads < 1 || maxConnections < 1) {
            throw new IllegalArgumentException(
                    "must be at least 1: eventLoopThreads=%d maxConnections=%d"
                            .formatted(eventLoopThreads, maxConnections));
        }
        if (!handshakeTimeout.isPositive() || drainTimeout.isNegative()) {
            throw new IllegalArgumentException(
                    "not a timeout: handshakeTimeout=%s drainTimeout=%s"
                            .formatted(handshakeTimeout, drainTimeout));
        }
    }

    /** Listens there, with defaults for everything else. */
    public static NbdServerConfig listeningOn(
            List<InetSocketAddress> tcp, Optional<Path> unixSocket) {
        return new NbdServerConfig(
                tcp,
                unixSocket,
                Transport.AUTO,
                defaultEventLoopThreads(),
                DEFAULT_MAX_CONNECTIONS,
                DEFAULT_HANDSHAKE_TIMEOUT,
                DEFAULT_DRAIN_TIMEOUT,
                TransmissionLimits.DEFAULT);
    }

    public static int defaultEventLoopThreads() {
        return Math.min(Runtime.getRuntime().availableProcessors(), MAX_DEFAULT_THREADS);
    }
}
