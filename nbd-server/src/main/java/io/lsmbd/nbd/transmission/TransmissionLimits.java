package io.lsmbd.nbd.transmission;

import io.lsmbd.model.DataSize;
import io.lsmbd.nbd.limits.InFlightLimits;

/**
 * How much there may be going on in the transmission phase, and for how long nothing.
 *
 * @param perConnection in flight on one connection
 * @param inAll in flight on all connections
 * @param stalls how long clients may stand still
 */
public record TransmissionLimits(
        InFlightLimits perConnection, InFlightLimits inAll, StallLimits stalls) {
    public static final TransmissionLimits STANDARD =
            new TransmissionLimits(
                    new InFlightLimits(256, DataSize.ofMebibytes(64)),
                    new InFlightLimits(4096, DataSize.ofMebibytes(256)),
                    StallLimits.STANDARD);

    /** The same but for that. */
    public TransmissionLimits perConnection(int requests, DataSize bytes) {
        return new TransmissionLimits(new InFlightLimits(requests, bytes), inAll, stalls);
    }

    /** The same but for that. */
    public TransmissionLimits inAll(int requests, DataSize bytes) {
        return new TransmissionLimits(perConnection, new InFlightLimits(requests, bytes), stalls);
    }

    /** The same but for that. */
    public TransmissionLimits stalls(StallLimits limits) {
        return new TransmissionLimits(perConnection, inAll, limits);
    }
}
