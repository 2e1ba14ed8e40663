package io.lsmbd.nbd.handshake;

import io.lsmbd.env.NanoClock;
import io.lsmbd.nbd.access.AccessRules;
import io.lsmbd.nbd.limits.Complaints;
import io.lsmbd.nbd.metrics.ConnectionMetrics;
import io.lsmbd.nbd.tls.TlsServer;
import io.lsmbd.volume.VolumeCatalog;
import java.util.Optional;

/** What all handshakes of a server share. */
public record Handshakes(
        VolumeCatalog volumes,
        AccessRules rules,
        Optional<TlsServer> tls,
        HandshakeLimits limits,
        ConnectionMetrics metrics,
        Complaints complaints,
        NanoClock clock) {}
