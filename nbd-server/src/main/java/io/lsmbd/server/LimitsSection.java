package io.lsmbd.server;

import io.lsmbd.config.Settings;
import io.lsmbd.model.DataSize;
import io.lsmbd.nbd.ConnectionLimits;
import io.lsmbd.nbd.handshake.HandshakeLimits;
import java.time.Duration;

/** {@code [limits]}: what NBD clients may take, so that none has more than its share. */
public record LimitsSection(
        int connections,
        int connectionsPerAddress,
        int handshakes,
        Duration handshakeTime,
        Duration optionTime,
        int options,
        DataSize optionData,
        InFlightSection inFlight) {
    static final Duration SHORTEST = Duration.ofMillis(100);
    static final Duration LONGEST = Duration.ofHours(1);

    public LimitsSection {
        Bounds.check("limits.connections", connections, 1, 100_000);
        Bounds.check("limits.connections-per-address", connectionsPerAddress, 1, 100_000);
        Bounds.check("limits.handshakes", handshakes, 1, 100_000);
        Bounds.check("limits.handshake-time", handshakeTime, SHORTEST, LONGEST);
        Bounds.check("limits.option-time", optionTime, SHORTEST, LONGEST);
        Bounds.check("limits.options", options, 1, 1_000_000);
        Bounds.check(
                "limits.option-data",
                optionData,
                HandshakeLimits.LEAST_OPTION_DATA,
                HandshakeLimits.MOST_OPTION_DATA);
    }

    static LimitsSection read(Settings in) {
        return new LimitsSection(
                in.integer(
                        "limits.connections",
                        "1024",
                        "NBD connections at the same time; any more are closed at once."),
                in.integer(
                        "limits.connections-per-address",
                        "512",
                        "The same for one IPv4 address or one IPv6 /64 network."),
                in.integer(
                        "limits.handshakes",
                        "256",
                        "Connections that have not chosen an export yet; a newcomer takes the "
                                + "place of the oldest."),
                in.duration(
                        "limits.handshake-time",
                        "30s",
                        "How long a client may take to choose an export."),
                in.duration(
                        "limits.option-time",
                        "10s",
                        "How long a client that has no export yet may say nothing."),
                in.integer("limits.options", "256", "Options that a client may send to get there."),
                in.size(
                        "limits.option-data",
                        "64KiB",
                        "Data of one option; longer data is skipped unread and refused."),
                InFlightSection.read(in));
    }

    ConnectionLimits connectionLimits() {
        return new ConnectionLimits(connections, connectionsPerAddress, handshakes);
    }

    HandshakeLimits handshakeLimits() {
        return new HandshakeLimits(handshakeTime, optionTime, optionData, options);
    }
}
