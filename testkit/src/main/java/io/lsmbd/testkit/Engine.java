package io.lsmbd.testkit;

import io.lsmbd.cache.CacheMetrics;
import io.lsmbd.cache.FrameCache;
import io.lsmbd.cache.MemoryFrameCache;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.localindex.LocalIndexConfig;
import io.lsmbd.manifest.Durability;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeName;
import io.lsmbd.objectstore.ObjectStore;
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
import java.nio.file.Path;
import java.time.Duration;

/** The real engine over test disks: what a daemon is without its front ends. */
public final class Engine {
    public static final VolumeName NAME = new VolumeName("vol1");

    private final TestEnvironment environment;
    private final Wal wal;
    private final LocalIndex localIndex;
    private final FrameCache frames;
    private final Volumes volumes;

    /** Where an engine keeps what; any of it may be exchanged between two lives. */
    public record Disks(
            TestEnvironment environment,
            ObjectStore store,
            MemoryLogDirectory log,
            Path index,
            String directory) {}

    public Engine(Disks disks) throws StorageException {
        environment = disks.environment();
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        localIndex = LocalIndex.open(disks.index(), LocalIndexConfig.DEFAULT);
        WalConfig walConfig =
                new WalConfig(
                        new DataSize(256 << 10),
                        new DataSize(16 << 20),
                        Duration.ofMillis(20),
                        2,
                        0.5);
        wal =
                Wal.open(
                        environment,
                        disks.log(),
                        walConfig,
                        WalDigests.none(),
                        new WalMetrics(registry));
        wal.start();
        CacheMetrics cacheMetrics = new CacheMetrics(registry);
        frames =
                new FrameCache(
                        new MemoryFrameCache(new DataSize(2 << 20), cacheMetrics),
                        null,
                        environment,
                        cacheMetrics);
        volumes =
                new Volumes(
                        new Volumes.Foundation(
                                environment, disks.store(), disks.store(), wal, localIndex, frames),
                        new VolumesConfig(
                                disks.directory(),
                                new UploadPolicy(
                                        new DataSize(256 << 10), 24, Duration.ofMillis(30), 3, 5),
                                3,
                                new DataSize(8 << 20),
                                10_000,
                                new DataSize(4 << 20),
                                new DataSize(1 << 20),
                                Duration.ofMillis(200),
                                Duration.ZERO,
                                Duration.ofSeconds(20),
                                VolumesConfig.OnPossibleLoss.SERVE));
    }

    public Volume create(DataSize size, Durability durability) throws StorageException {
        return volumes.create(new VolumeSpec(NAME, size, durability, "lz4"));
    }

    public Volume attach() throws StorageException {
        return volumes.attach(NAME);
    }

    public Volumes volumes() {
        return volumes;
    }

    public Wal wal() {
        return wal;
    }

    public void close() throws StorageException {
        volumes.close();
        wal.close();
        frames.close();
        localIndex.close();
    }

    /**
     * Stops all threads without finishing anything; whoever wants a kill copied the disks before.
     */
    public void abandon() throws StorageException {
        volumes.abandonAll(new VolumeClosedException("killed"));
        wal.close();
        frames.close();
        localIndex.close();
    }
}
