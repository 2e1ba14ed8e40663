package io.lsmbd.ctl;

import io.lsmbd.admin.AdminConfig;
import io.lsmbd.admin.AdminServer;
import io.lsmbd.admin.VolumesAdmin;
import io.lsmbd.admin.api.CompressionText;
import io.lsmbd.admin.api.Durability;
import io.lsmbd.cache.CacheMetrics;
import io.lsmbd.cache.FrameCache;
import io.lsmbd.cache.MemoryFrameCache;
import io.lsmbd.config.ListenAddress;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.env.SystemLogDirectory;
import io.lsmbd.error.StorageException;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.localindex.LocalIndexConfig;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeName;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.url.ObjectStores;
import io.lsmbd.volume.Volume;
import io.lsmbd.volume.VolumeSpec;
import io.lsmbd.volume.Volumes;
import io.lsmbd.volume.VolumesConfig;
import io.lsmbd.wal.Wal;
import io.lsmbd.wal.WalConfig;
import io.lsmbd.wal.WalDigests;
import io.lsmbd.wal.WalMetrics;
import io.lsmbd.write.UploadPolicy;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The real engine in a data directory, with its admin port: a daemon without NBD. */
final class FolderEngine implements AutoCloseable {
    private static final DataSize SEGMENT = new DataSize(256 << 10);
    private final ObjectStore store;
    private final Wal wal;
    private final LocalIndex index;
    private final FrameCache frames;
    private final Volumes volumes;
    private final AdminServer server;
    private boolean isClosed;

    /** {@code maxAge}: of a batch until it is uploaded; long, and nothing moves by itself. */
    FolderEngine(Path data, Duration maxAge) throws IOException {
        var environment = new SystemEnvironment((_, failure) -> failure.printStackTrace());
        var registry = new SimpleMeterRegistry();
        var cacheMetrics = new CacheMetrics(registry);
        store = ObjectStores.open(data.resolve("store").toString(), environment);
        index = LocalIndex.open(data.resolve("index"), LocalIndexConfig.DEFAULT);
        wal =
                Wal.open(
                        environment,
                        SystemLogDirectory.open(data.resolve("wal")),
                        new WalConfig(SEGMENT, new DataSize(16 << 20), maxAge, 2, 0.5),
                        WalDigests.none(),
                        new WalMetrics(registry));
        frames =
                new FrameCache(
                        new MemoryFrameCache(new DataSize(2 << 20), cacheMetrics),
                        null,
                        environment,
                        cacheMetrics);
        volumes =
                new Volumes(
                        new Volumes.Foundation(environment, store, store, wal, index, frames),
                        new VolumesConfig(
                                "directory-1",
                                new UploadPolicy(SEGMENT, 10_000, maxAge, 3, 4),
                                3,
                                new DataSize(8 << 20),
                                10_000,
                                new DataSize(4 << 20),
                                new DataSize(1 << 20),
                                Duration.ofHours(1),
                                Duration.ZERO,
                                Duration.ofSeconds(60),
                                VolumesConfig.OnPossibleLoss.SERVE));
        wal.start();
        server =
                AdminServer.open(
                        new AdminConfig(new ListenAddress("127.0.0.1", 0), List.of(), 64),
                        environment,
                        List::of,
                        () -> "");
        server.serve(
                new VolumesAdmin(
                        new VolumesAdmin.Engine(
                                volumes, wal, store, environment.nanoClock(), List::of),
                        new VolumesAdmin.Facts(
                                "1.2.3",
                                data.toString(),
                                List.of(),
                                List.of(),
                                new DataSize(16 << 20),
                                Duration.ofHours(1),
                                new CompressionText("lz4"),
                                Durability.LOCAL),
                        new NoClients()),
                Optional::empty,
                () -> {
                    throw new UnsupportedOperationException();
                });
    }

    private static final class NoClients implements VolumesAdmin.Connections {
        @Override
        public Map<String, Integer> counts() {
            return Map.of();
        }

        @Override
        public void close(String volume) {}
    }

    Volume create(String name, DataSize size) throws StorageException {
        return volumes.create(
                new VolumeSpec(
                        new VolumeName(name), size, io.lsmbd.manifest.Durability.LOCAL, "lz4"));
    }

    Wal wal() {
        return wal;
    }

    /** For --endpoint. */
    String endpoint() {
        return "http://127.0.0.1:" + server.address().getPort();
    }

    /** A clean stop. */
    @Override
    public void close() throws StorageException {
        if (isClosed) {
            return;
        }
        isClosed = true;
        server.close();
        volumes.close();
        wal.close();
        frames.close();
        index.close();
        store.close();
    }
}
