package io.lsmbd.objectstore.decorator;

/**
 * What requests of one purpose came to since the process started; retries count anew.
 *
 * @param puts requests that store or list
 * @param gets requests that read or ask
 * @param deletes requests that delete, of any number of objects
 * @param cost by {@link StorePrices}, without what is kept
 */
public record StoreUse(
        Purpose purpose,
        long puts,
        long gets,
        long deletes,
        long bytesUp,
        long bytesDown,
        double cost) {}
