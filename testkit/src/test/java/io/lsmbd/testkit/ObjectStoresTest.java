package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.Environment;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.file.FileObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.objectstore.url.ObjectStores;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectStoresTest {
    @TempDir private Path folder;

    private final Environment environment =
            new SystemEnvironment((_, death) -> death.printStackTrace());

    @Test
    void addressesMeanStores() throws StorageException {
        Path path = folder.resolve("with space");
        for (String url : List.of(path.toString(), path.toUri().toString())) {
            try (ObjectStore store = ObjectStores.open(url, environment)) {
                assertThat(store).isInstanceOf(FileObjectStore.class);
                assertThat(store.location()).contains("with%20space");
            }
        }
        assertThat(path).isDirectory();
        try (ObjectStore store = ObjectStores.open("mem:", environment)) {
            assertThat(store).isInstanceOf(MemoryObjectStore.class);
        }
    }

    @Test
    void addressesOfNothingAreRefused() {
        for (String url : List.of("", "http://x/y", "file:relative", "file://host/x", "mem:x")) {
            assertThatThrownBy(() -> ObjectStores.open(url, environment))
                    .as("%s", url)
                    .isInstanceOf(RefusedException.class);
        }
        assertThatThrownBy(() -> ObjectStores.open("s3://bucket/prefix", environment))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("later version");
    }
}
