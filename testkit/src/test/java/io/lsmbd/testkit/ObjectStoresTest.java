package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.Environment;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.VolumeName;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.file.FileObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.objectstore.url.ObjectStores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
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
        assertThatThrownBy(() -> ObjectStores.open("s3://bucket?regoin=x", environment))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("unknown option \"regoin\"")
                .hasMessageContaining("docs/STORES.md");
    }

    @Test
    void aStoreToBeLookedAtShowsTheSameAndIsLeftAsItIs() throws StorageException, IOException {
        ObjectKey key = ObjectKey.volumeName(new VolumeName("vol1"));
        try (ObjectStore writer = ObjectStores.open(folder.toString(), environment)) {
            var _ =
                    writer.put(
                            key,
                            List.of(ByteBuffer.wrap(new byte[] {1, 2, 3})),
                            new PutCondition.IfAbsent());
            List<String> before = entries();
            try (ObjectStore reader = ObjectStores.openReadOnly(folder.toString())) {
                assertThat(reader.location()).isEqualTo(writer.location());
                assertThat(reader.get(key)).usingRecursiveComparison().isEqualTo(writer.get(key));
                assertThat(reader.list("", null, 10)).isEqualTo(writer.list("", null, 10));
                ByteBuffer last = ByteBuffer.allocate(1);
                reader.read(key, 2, last);
                assertThat(last.get(0)).isEqualTo((byte) 3);
                assertThatThrownBy(() -> reader.delete(List.of(key)))
                        .hasMessageContaining("reading only");
                assertThatThrownBy(
                                () -> reader.put(key, List.of(), new PutCondition.Unconditional()))
                        .hasMessageContaining("reading only");
            }
            assertThat(entries()).isEqualTo(before);
        }
    }

    private List<String> entries() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.map(Path::toString).sorted().toList();
        }
    }

    @Test
    void onlyAStoreIsOpenedToBeLookedAt() throws IOException {
        assertThatThrownBy(() -> ObjectStores.openReadOnly(folder.resolve("x").toString()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("there is no folder");
        assertThatThrownBy(() -> ObjectStores.openReadOnly(folder.toString()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("neither volumes")
                .hasMessageNotContaining("try ");
        Files.createDirectories(folder.resolve("store/volumes"));
        assertThatThrownBy(() -> ObjectStores.openReadOnly(folder.toString()))
                .hasMessageEndingWith("try " + folder.resolve("store"));
        assertThatThrownBy(() -> ObjectStores.openReadOnly("mem:"))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void aBucketIsAStoreAndCanBeLookedAt() throws IOException {
        ObjectKey key = ObjectKey.volumeName(new VolumeName("vol1"));
        List<ByteBuffer> body = List.of(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        S3Server.provideCredentials();
        try (S3Server server = S3Server.start(S3Server.Races.SAFE)) {
            String url = server.address("prefix");
            assertThatThrownBy(() -> ObjectStores.openReadOnly(url))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("no volumes in s3://bucket/prefix/");
            try (ObjectStore store = ObjectStores.openExisting(url, environment)) {
                var _ = store.put(key, body, new PutCondition.IfAbsent());
            }
            try (ObjectStore reader = ObjectStores.openReadOnly(url)) {
                assertThat(reader.get(key).bytes()).containsExactly(1, 2, 3);
                assertThatThrownBy(() -> reader.put(key, body, new PutCondition.Unconditional()))
                        .hasMessageContaining("reading only");
                assertThatThrownBy(() -> reader.delete(List.of(key)))
                        .hasMessageContaining("reading only");
                assertThat(reader.get(key).bytes()).hasSize(3);
            }
        } finally {
            S3Server.withdrawCredentials();
        }
    }

    /** Retrying would take half a minute, and not help. */
    @Test
    void mistakesInABucketsAddressAreToldAtOnce() throws IOException {
        try (S3Server server = S3Server.start(S3Server.Races.SAFE)) {
            S3Server.provideCredentials();
            String noBucket = server.address("x").replace("//bucket/", "//other/");
            assertFinal(noBucket, "was it created?");
            S3Server.provideCredentials("wrong");
            assertFinal(server.address("x"), "the credentials are wrong");
        } finally {
            S3Server.withdrawCredentials();
        }
    }

    private void assertFinal(String url, String why) {
        assertThatThrownBy(() -> ObjectStores.openExisting(url, environment))
                .isInstanceOfSatisfying(
                        ObjectStoreException.class,
                        e -> assertThat(e.outlook()).isEqualTo(ObjectStoreException.Outlook.FINAL))
                .hasMessageContaining(why);
    }
}
