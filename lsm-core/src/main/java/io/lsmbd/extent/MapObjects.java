package io.lsmbd.extent;

import io.lsmbd.objectstore.ObjectKey;

/**
 * The keys of a map's objects by number. A clone's map refers to those of its origin, under the
 * numbers that they had there.
 */
@FunctionalInterface
public interface MapObjects {
    ObjectKey key(long number);
}
