package io.lsmbd.nbd.tls;

import java.time.Duration;
import java.util.Set;

/**
 * How TLS is served.
 *
 * @param checkInterval how often the files are looked at, to take over new ones
 */
public record TlsConfig(
        TlsPolicy policy, TlsFiles files, Set<TlsVersion> versions, Duration checkInterval) {
    public TlsConfig {
        versions = Set.copyOf(versions);
        if (versions.isEmpty() || !checkInterval.isPositive()) {
            throw new IllegalArgumentException(
                    "no version or no interval: %s %s".formatted(versions, checkInterval));
        }
    }
}
