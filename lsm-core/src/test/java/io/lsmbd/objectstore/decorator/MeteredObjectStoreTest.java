package io.lsmbd.objectstore.decorator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeteredObjectStoreTest {
    private static final VolumeId VOLUME = VolumeId.parse("0123456789abcdef");
    private static final int MIB = 1 << 20;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final MeteredObjectStore store =
            new MeteredObjectStore(
                    new MemoryObjectStore(() -> 0),
                    () -> 0,
                    registry,
                    new StorePrices(0.5, 0.25, 1024, 2048, 7));

    private void put(ObjectKey key, int length) throws ObjectStoreException {
        store.put(key, List.of(ByteBuffer.allocate(length)), new PutCondition.IfAbsent());
    }

    @Test
    void requestsAreToldApartByWhatTheyAreFor() throws ObjectStoreException {
        put(ObjectKey.segment(VOLUME, 1), MIB);
        put(ObjectKey.segment(VOLUME, 1), MIB);
        put(ObjectKey.pack(VOLUME, 1), MIB);
        put(ObjectKey.map(VOLUME, 1), MIB);
        put(ObjectKey.manifest(VOLUME), 10);
        put(ObjectKey.volumeName(new VolumeName("vol1")), 10);
        put(new ObjectKey("probe/1"), 10);
        store.read(ObjectKey.segment(VOLUME, 1), 0, ByteBuffer.allocate(4096));
        store.read(ObjectKey.pack(VOLUME, 1), 0, ByteBuffer.allocate(4096));
        store.get(ObjectKey.map(VOLUME, 1));
        store.info(ObjectKey.manifest(VOLUME));
        store.list(ObjectKey.prefixOf(VOLUME, ObjectKey.Kind.SEGMENT), null, 10);
        store.list(ObjectKey.volumeNamesPrefix(), null, 10);
        store.delete(List.of(ObjectKey.segment(VOLUME, 1), ObjectKey.map(VOLUME, 1)));
        assertThat(store.use())
                .containsExactly(
                        new StoreUse(Purpose.SEGMENT, 2, 0, 0, 2 * MIB, 0, 3),
                        new StoreUse(Purpose.MAP, 1, 1, 0, MIB, MIB, 0.5 + 1 + 0.25 + 2),
                        new StoreUse(Purpose.MANIFEST, 1, 1, 0, 10, 0, 0.75 + price(10)),
                        new StoreUse(Purpose.NAME, 2, 0, 0, 10, 0, 1 + price(10)),
                        new StoreUse(Purpose.READ, 0, 2, 0, 0, 8192, 0.5 + 2 * price(8192)),
                        new StoreUse(Purpose.RECOVER, 1, 0, 0, 0, 0, 0.5),
                        new StoreUse(Purpose.COMPACT, 1, 0, 0, MIB, 0, 1.5),
                        new StoreUse(Purpose.COLLECT, 0, 0, 1, 0, 0, 0),
                        new StoreUse(Purpose.OTHER, 1, 0, 0, 10, 0, 0.5 + price(10)));
        assertThat(registry.get("lsmbd.store.cost").tag("purpose", "read").counter().count())
                .isCloseTo(0.5 + 2 * price(8192), within(1e-9));
        assertThat(requests("put", "segment", "ok")).isEqualTo(1);
        assertThat(requests("put", "segment", "condition_failed")).isEqualTo(1);
    }

    private static double price(int bytes) {
        return 1024.0 * bytes / (1 << 30);
    }

    private double requests(String operation, String purpose, String result) {
        return registry.get("lsmbd.store.requests")
                .tags("op", operation, "purpose", purpose, "result", result)
                .counter()
                .count();
    }

    @Test
    void failedRequestsCostAsMuch() {
        assertThatThrownBy(() -> store.get(ObjectKey.manifest(VOLUME)))
                .isInstanceOf(ObjectStoreException.class);
        assertThat(store.use())
                .containsExactly(new StoreUse(Purpose.MANIFEST, 0, 1, 0, 0, 0, 0.25));
        assertThat(requests("get", "manifest", "not_found")).isEqualTo(1);
    }

    @Test
    void aPriceBelowNothingIsRefused() {
        assertThatThrownBy(() -> new StorePrices(0, 0, 0, 0, -1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new StorePrices(Double.NaN, 0, 0, 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
