package io.lsmbd.nbd.access;

import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of a client.
 *
 * @param address where it connects from; empty for the Unix socket
 * @param names those of its verified certificate; none without TLS
 */
public record Client(Optional<InetAddress> address, Set<CertificateName> names) {
    public Client {
        names = Set.copyOf(names);
    }
}
