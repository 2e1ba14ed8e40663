package io.lsmbd.nbd;

import io.lsmbd.nbd.handshake.HandshakeEvent;
import io.lsmbd.nbd.metrics.ConnectionMetrics;
import io.lsmbd.nbd.metrics.ConnectionMetrics.Refusal;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Lets connections in as far as the limits allow. Thread-safe. */
final class Connections {
    private static final int IPV6_BYTES = 16;
    private static final int IPV6_NETWORK_BYTES = 8;

    private final ConnectionLimits limits;
    private final ConnectionMetrics metrics;
    private final ReentrantLock lock = new ReentrantLock();

    // The following belong to whoever holds the lock.
    private final Map<InetAddress, Integer> byAddress = new HashMap<>();

    /** Connections without an export, the oldest first. */
    private final Set<Channel> choosing = new LinkedHashSet<>();

    private int total;

    Connections(ConnectionLimits limits, ConnectionMetrics metrics) {
        this.limits = limits;
        this.metrics = metrics;
    }

    /**
     * Takes account of a new connection until nothing of it is left, or says why there is no room
     * for it. One that comes by a Unix socket has no address. To be called before the connection
     * has any handler.
     */
    Optional<Refusal> admit(Channel channel, Optional<InetAddress> address) {
        metrics.opened();
        Optional<InetAddress> site = address.map(Connections::siteOf);
        Optional<Refusal> refusal = enter(channel, site);
        channel.pipeline()
                .addLast(
                        new LastOut(() -> {
                            if (refusal.isEmpty()) {
                                forget(channel, site);
                            }
                            metrics.closed();
                        }));
        return refusal;
    }

    private Optional<Refusal> enter(Channel channel, Optional<InetAddress> site) {
        @Nullable Channel oldest = null;
        lock.lock();
        try {
            if (total >= limits.total()) {
                return Optional.of(Refusal.TOTAL);
            }
            if (site.isPresent() && byAddress.getOrDefault(site.get(), 0) >= limits.perAddress()) {
                return Optional.of(Refusal.ADDRESS);
            }
            total++;
            site.ifPresent(s -> byAddress.merge(s, 1, Integer::sum));
            choosing.add(channel);
            if (choosing.size() > limits.choosing()) {
                oldest = choosing.iterator().next();
                choosing.remove(oldest);
            }
            metrics.choosing(choosing.size());
        } finally {
            lock.unlock();
        }
        if (oldest != null) {
            oldest.pipeline().fireUserEventTriggered(HandshakeEvent.CROWDED_OUT);
        }
        return Optional.empty();
    }

    /** Whoever has an IPv6 address has a network of them. */
    private static InetAddress siteOf(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != IPV6_BYTES) {
            return address;
        }
        Arrays.fill(bytes, IPV6_NETWORK_BYTES, IPV6_BYTES, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("16 bytes are an address", e);
        }
    }

    /** The connection has an export now. */
    void hasChosen(Channel channel) {
        lock.lock();
        try {
            choosing.remove(channel);
            metrics.choosing(choosing.size());
        } finally {
            lock.unlock();
        }
    }

    private void forget(Channel channel, Optional<InetAddress> site) {
        lock.lock();
        try {
            total--;
            choosing.remove(channel);
            site.ifPresent(s -> byAddress.merge(s, -1, Connections::sumOrNothing));
            metrics.choosing(choosing.size());
        } finally {
            lock.unlock();
        }
    }

    /** An address without connections is forgotten. */
    private static @Nullable Integer sumOrNothing(Integer count, Integer change) {
        int sum = count + change;
        return sum == 0 ? null : sum;
    }
}
