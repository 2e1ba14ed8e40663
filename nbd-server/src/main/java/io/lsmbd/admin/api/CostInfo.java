package io.lsmbd.admin.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the store's owner asks for, by the prices of the configuration.
 *
 * @param upMillis since then requests are counted
 * @param uses by purpose; retries count anew
 * @param cost of all of them
 * @param storedBytes of the volumes attached here
 * @param storedPerMonth cost of keeping that
 * @param perMonth of all, if requests go on as since the start; null if that is not long ago
 */
public record CostInfo(
        String currency,
        long upMillis,
        List<Use> uses,
        double cost,
        long storedBytes,
        double storedPerMonth,
        @Nullable Double perMonth) {
    public CostInfo {
        uses = List.copyOf(uses);
    }

    /**
     * Requests of one purpose.
     *
     * @param puts requests that store or list
     * @param gets requests that read or ask
     * @param deletes requests that delete
     * @param cost of requests and transfer
     */
    public record Use(
            String purpose,
            long puts,
            long gets,
            long deletes,
            long bytesUp,
            long bytesDown,
            double cost) {}
}
