package io.lsmbd.objectstore;

import java.util.List;

/** One page of a listing, in key order; {@code hasMore}: list again after the last key. */
public record ObjectPage(List<ObjectInfo> objects, boolean hasMore) {
    public ObjectPage {
        objects = List.copyOf(objects);
    }
}
