package io.lsmbd.nbd.limits;

import io.lsmbd.model.DataSize;

/**
 * How much may be in flight; at the bound sockets are not read.
 *
 * @param requests begun and not answered
 * @param bytes in memory on their account; a single request may be larger
 */
public record InFlightLimits(int requests, DataSize bytes) {
    public InFlightLimits {
        if (requests < 1 || bytes.bytes() < 1) {
            throw new IllegalArgumentException(
                    "no room at all: requests=%d bytes=%s".formatted(requests, bytes));
        }
    }
}
