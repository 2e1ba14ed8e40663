package io.lsmbd.nbd.handshake;

import io.lsmbd.model.DataSize;
import java.time.Duration;

/**
 * How long and how much a client may negotiate.
 *
 * @param whole from a connection's start until its choice of an export
 * @param betweenOptions from one complete option to the next
 * @param optionData of one option; longer data is skipped unread and answered with an error
 * @param options of one connection
 */
public record HandshakeLimits(
        Duration whole, Duration betweenOptions, DataSize optionData, int options) {
    /** An export name of any length and some queries must fit. */
    public static final DataSize LEAST_OPTION_DATA = new DataSize(8 << 10);

    public static final DataSize MOST_OPTION_DATA = DataSize.ofMebibytes(1);

    public static final HandshakeLimits STANDARD =
            new HandshakeLimits(
                    Duration.ofSeconds(30), Duration.ofSeconds(10), new DataSize(64 << 10), 256);

    public HandshakeLimits {
        if (!whole.isPositive() || !betweenOptions.isPositive() || options < 1) {
            throw new IllegalArgumentException(
                    "no time or no options to choose an export: %s %s %d"
                            .formatted(whole, betweenOptions, options));
        }
        if (optionData.compareTo(LEAST_OPTION_DATA) < 0
                || optionData.compareTo(MOST_OPTION_DATA) > 0) {
            throw new IllegalArgumentException("too little or much option data: " + optionData);
        }
    }
}
