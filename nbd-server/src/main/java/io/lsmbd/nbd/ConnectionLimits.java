package io.lsmbd.nbd;

/**
 * How many connections there may be at the same time.
 *
 * @param total any more are closed as they come
 * @param perAddress from one IPv4 address or one IPv6 network of 64 bits; any more are closed as
 *     they come
 * @param choosing that have not chosen an export yet; a newcomer takes the place of the oldest, so
 *     clients that say nothing do not keep others out
 */
public record ConnectionLimits(int total, int perAddress, int choosing) {
    public static final ConnectionLimits STANDARD = new ConnectionLimits(1024, 512, 256);

    public ConnectionLimits {
        if (total < 1 || perAddress < 1 || choosing < 1) {
            throw new IllegalArgumentException(
                    "each limit must be at least 1: total=%d perAddress=%d choosing=%d"
                            .formatted(total, perAddress, choosing));
        }
    }
}
