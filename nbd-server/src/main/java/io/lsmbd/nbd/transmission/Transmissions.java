package io.lsmbd.nbd.transmission;

import io.lsmbd.env.Environment;
import io.lsmbd.nbd.limits.Complaints;
import io.lsmbd.nbd.limits.InFlightBudget;
import io.lsmbd.nbd.metrics.ConnectionMetrics;
import io.lsmbd.nbd.metrics.NbdMetrics;

/** What all connections in transmission share, whatever their volume. */
public record Transmissions(
        TransmissionLimits limits,
        InFlightBudget budget,
        NbdMetrics metrics,
        ConnectionMetrics connections,
        Complaints complaints,
        Environment environment) {}
