package io.lsmbd.nbd;

import io.lsmbd.nbd.access.AccessRules;
import io.lsmbd.nbd.handshake.HandshakeLimits;
import io.lsmbd.nbd.tls.TlsConfig;
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
 * @param connections how many there may be
 * @param handshake limits of each connection until its choice of an export
 * @param transmission limits of each connection and of all from then on
 * @param access who may open what
 * @param tls how TLS is served; none if it is not
 * @param drainTimeout how long closing the server waits for requests in flight
 */
public record NbdServerConfig(
        List<InetSocketAddress> tcp,
        Optional<Path> unixSocket,
        Transport transport,
        int eventLoopThreads,
        ConnectionLimits connections,
        HandshakeLimits handshake,
        TransmissionLimits transmission,
        AccessRules access,
        Optional<TlsConfig> tls,
        Duration drainTimeout) {
    public static final int DEFAULT_PORT = 10809;
    public static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_DEFAULT_THREADS = 4;

    public NbdServerConfig {
        tcp = List.copyOf(tcp);
        if (tcp.isEmpty() && unixSocket.isEmpty()) {
            throw new IllegalArgumentException("no address to listen on");
        }
        if (eventLoopThreads < 1) {
            throw new IllegalArgumentException(
                    "eventLoopThreads must be at least 1: " + eventLoopThreads);
        }
        if (drainTimeout.isNegative()) {
            throw new IllegalArgumentException("not a timeout: drainTimeout=" + drainTimeout);
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
                ConnectionLimits.STANDARD,
                HandshakeLimits.STANDARD,
                TransmissionLimits.STANDARD,
                AccessRules.EVERYTHING,
                Optional.empty(),
                DEFAULT_DRAIN_TIMEOUT);
    }

    public static int defaultEventLoopThreads() {
        return Math.min(Runtime.getRuntime().availableProcessors(), MAX_DEFAULT_THREADS);
    }
}
