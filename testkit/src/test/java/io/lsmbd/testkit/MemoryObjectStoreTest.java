package io.lsmbd.testkit;

import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;

class MemoryObjectStoreTest extends ObjectStoreContract {
    @Override
    protected ObjectStore open() {
        return new MemoryObjectStore(() -> 1_000);
    }
}
