package io.lsmbd.nbd;

import io.lsmbd.nbd.access.AccessRule;
import io.lsmbd.nbd.access.AccessRules;
import io.lsmbd.nbd.handshake.HandshakeLimits;
import io.lsmbd.nbd.tls.TlsConfig;
import io.lsmbd.nbd.transmission.TransmissionLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The configuration of a server for one test: generous, except where the test says otherwise. */
final class FixtureConfig {
    static final Duration LONG = Duration.ofSeconds(60);

    private Optional<Path> unixSocket = Optional.empty();
    private ConnectionLimits connections = new ConnectionLimits(1000, 1000, 1000);
    private HandshakeLimits handshake =
            new HandshakeLimits(LONG, LONG, HandshakeLimits.STANDARD.optionData(), 10_000);
    private TransmissionLimits transmission = TransmissionLimits.STANDARD;
    private AccessRules access = AccessRules.EVERYTHING;
    private Optional<TlsConfig> tls = Optional.empty();
    private Duration drainTimeout = Duration.ofSeconds(20);

    FixtureConfig unixSocket(Path path) {
        unixSocket = Optional.of(path);
        return this;
    }

    FixtureConfig connections(ConnectionLimits limits) {
        connections = limits;
        return this;
    }

    FixtureConfig handshake(HandshakeLimits limits) {
        handshake = limits;
        return this;
    }

    FixtureConfig transmission(TransmissionLimits limits) {
        transmission = limits;
        return this;
    }

    FixtureConfig allow(String... rules) {
        access = new AccessRules(Arrays.stream(rules).map(AccessRule::parse).toList());
        return this;
    }

    FixtureConfig tls(TlsConfig config) {
        tls = Optional.of(config);
        return this;
    }

    FixtureConfig drainTimeout(Duration timeout) {
        drainTimeout = timeout;
        return this;
    }

    NbdServerConfig build() {
        return new NbdServerConfig(
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                unixSocket,
                Transport.parse(System.getProperty("nbd.transport", "auto")),
                2,
                connections,
                handshake,
                transmission,
                access,
                tls,
                drainTimeout);
    }

    /** A server of this configuration. */
    NbdFixture start() throws IOException {
        return new NbdFixture(build());
    }
}
