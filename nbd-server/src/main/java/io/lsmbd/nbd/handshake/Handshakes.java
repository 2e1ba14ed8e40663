package io.lsmbd.nbd.handshake;

import io.lsmbd.env.NanoClock;
import io.lsmbd.nbd.access.AccessRules;
import io.lsmbd.nbd.limits.Complaints;
import io.lsmbd.nbd.metrics.ConnectionMetrics;
import io.lsmbd.volume.VolumeCatalog;

/** What all handshakes of a server share. */
public record Handshakes(
        VolumeCatalog volumes,
        AccessRules rules,
        HandshakeLimits limits,
        ConnectionMetrics metrics,
        Complaints complaints,
        NanoClock clock) {}
