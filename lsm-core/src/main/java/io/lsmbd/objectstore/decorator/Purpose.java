package io.lsmbd.objectstore.decorator;

import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.decorator.ObjectStoreMetrics.Operation;

/** What a request to the object store is for. */
public enum Purpose {
    /** Data written by clients goes to the store. */
    SEGMENT,
    /** Checkpoints of extent maps, written and read. */
    MAP,
    /** Manifests: commits, fences, leases. */
    MANIFEST,
    /** Volume names. */
    NAME,
    /** Data come back, for clients and whoever looks at them. */
    READ,
    /** What was written since the last checkpoint is looked for. */
    RECOVER,
    /** Live data are packed anew. */
    COMPACT,
    /** What nothing refers to any more is deleted. */
    COLLECT,
    OTHER;

    static Purpose of(Operation operation, String keyOrPrefix) {
        ObjectKey.Area area = ObjectKey.areaOf(keyOrPrefix);
        return switch (area) {
            case NAMES -> NAME;
            case MANIFEST -> MANIFEST;
            case OTHER -> OTHER;
            case SEGMENTS, PACKS, MAP -> ofNumbered(operation, area);
        };
    }

    private static Purpose ofNumbered(Operation operation, ObjectKey.Area area) {
        return switch (operation) {
            case DELETE -> COLLECT;
            case LIST -> RECOVER;
            case PUT, GET, READ, INFO -> {
                if (area == ObjectKey.Area.MAP) {
                    yield MAP;
                }
                if (operation != Operation.PUT) {
                    yield READ;
                }
                yield area == ObjectKey.Area.PACKS ? COMPACT : SEGMENT;
            }
        };
    }
}
