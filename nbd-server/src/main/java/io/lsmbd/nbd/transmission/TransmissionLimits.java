package io.lsmbd.nbd.transmission;

import io.lsmbd.model.DataSize;

/**
 * How much one connection may have going on; at the bound it is not read from until something is
 * done.
 *
 * @param maxRequestsInFlight requests begun and not answered
 * @param maxBytesInFlight payload of those; a single request may be larger
 */
public record TransmissionLimits(int maxRequestsInFlight, DataSize maxBytesInFlight) {
    public static final TransmissionLimits DEFAULT =
            new TransmissionLimits(256, DataSize.ofMebibytes(64));

    public TransmissionLimits {
        if (maxRequestsInFlight < 1) {
            throw new IllegalArgumentException(
                    "maxRequestsInFlight must be at least 1: " + maxRequestsInFlight);
        }
    }
}
