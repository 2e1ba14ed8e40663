package io.lsmbd.server;

import io.lsmbd.admin.AdminConfig;
import io.lsmbd.config.ConfigLoader;
import io.lsmbd.config.Settings;

/** Everything that can be set, one record per section of the configuration file. */
public record ServerConfig(
        DataSection data,
        StoreSection store,
        MemorySection memory,
        WalSection wal,
        UploadSection upload,
        VolumeSection volume,
        CacheSection cache,
        CheckpointSection checkpoint,
        RecoverySection recovery,
        NbdSection nbd,
        TlsSection tls,
        AccessSection access,
        LimitsSection limits,
        AdminConfig admin,
        CostSection cost,
        LogSection log,
        ShutdownSection shutdown,
        DebugSection debug) {

    /** Cross-checks between sections. */
    public ServerConfig {
        if (!wal.hasRoom(upload)) {
            throw new IllegalArgumentException(
                    """
                    wal.budget (%s) must hold twice the segments on their way: \
                    2 x (upload.parallel %d + 1) x upload.segment-size %s\
                    """
                            .formatted(wal.budget(), upload.parallel(), upload.segmentSize()));
        }
        MemoryPlan.of(memory.budget(), upload);
        nbd.checkAgainst(tls, access);
    }

    static ServerConfig read(Settings in) {
        DataSection data = DataSection.read(in);
        StoreSection store = StoreSection.read(in);
        MemorySection memory = MemorySection.read(in);
        WalSection wal = WalSection.read(in);
        return new ServerConfig(
                data,
                store,
                memory,
                wal,
                UploadSection.read(in, memory, wal),
                VolumeSection.read(in),
                CacheSection.read(in),
                CheckpointSection.read(in),
                RecoverySection.read(in),
                NbdSection.read(in),
                TlsSection.read(in),
                AccessSection.read(in),
                LimitsSection.read(in),
                AdminConfig.read(in),
                CostSection.read(in),
                LogSection.read(in),
                ShutdownSection.read(in),
                DebugSection.read(in));
    }

    static ConfigLoader<ServerConfig> loader() {
        return new ConfigLoader<>(ServerConfig::read);
    }

    public MemoryPlan memoryPlan() {
        return MemoryPlan.of(memory.budget(), upload);
    }
}
