package io.lsmbd.objectstore.decorator;

/**
 * What the store's owner asks for, in any one currency.
 *
 * @param put of a request that stores or lists
 * @param get of any other, except those that delete, which no store charges for
 * @param inPerGib of what is sent
 * @param outPerGib of what is received
 * @param storedPerGibMonth of what is kept
 */
public record StorePrices(
        double put, double get, double inPerGib, double outPerGib, double storedPerGibMonth) {
    public static final StorePrices FREE = new StorePrices(0, 0, 0, 0, 0);

    private static final double GIB = 1L << 30;

    public StorePrices {
        double least = Math.min(put, Math.min(get, Math.min(inPerGib, outPerGib)));
        if (!(Math.min(least, storedPerGibMonth) >= 0)) {
            throw new IllegalArgumentException("a price below nothing");
        }
    }

    double ofRequest(ObjectStoreMetrics.Operation operation) {
        return switch (operation) {
            case PUT, LIST -> put;
            case GET, READ, INFO -> get;
            case DELETE -> 0;
        };
    }

    double ofSent(long bytes) {
        return bytes / GIB * inPerGib;
    }

    double ofReceived(long bytes) {
        return bytes / GIB * outPerGib;
    }
}
