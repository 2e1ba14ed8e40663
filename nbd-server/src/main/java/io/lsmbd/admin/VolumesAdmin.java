package io.lsmbd.admin;

import io.lsmbd.admin.api.CompressionText;
import io.lsmbd.admin.api.CreateVolume;
import io.lsmbd.admin.api.Durability;
import io.lsmbd.admin.api.LbaInfo;
import io.lsmbd.admin.api.ResizeVolume;
import io.lsmbd.admin.api.SegmentDetail;
import io.lsmbd.admin.api.SetVolume;
import io.lsmbd.admin.api.StatusInfo;
import io.lsmbd.admin.api.StoreInfo;
import io.lsmbd.admin.api.VolumeDetail;
import io.lsmbd.admin.api.VolumeInfo;
import io.lsmbd.admin.api.VolumeState;
import io.lsmbd.admin.api.WalInfo;
import io.lsmbd.env.NanoClock;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.inspect.LbaInspector;
import io.lsmbd.inspect.LogDescription;
import io.lsmbd.inspect.StoreInspector;
import io.lsmbd.inspect.VolumeInsides;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.model.ByteRange;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeName;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.volume.Volume;
import io.lsmbd.volume.VolumeSettings;
import io.lsmbd.volume.VolumeSpec;
import io.lsmbd.volume.Volumes;
import io.lsmbd.volume.Volumes.DataBeyond;
import io.lsmbd.wal.Wal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The admin API over the real engine. */
public final class VolumesAdmin implements VolumeAdmin {
    private final Engine engine;
    private final Facts facts;
    private final Connections connections;
    private final VolumeDescription describe;
    private final StoreInspector inspector;
    private final long startedNanos;

    /** Volumes of the store that are not attached here, as of the last listing. */
    private volatile List<VolumeInfo> offline = List.of();

    /**
     * What it looks at.
     *
     * @param problems what is wrong besides single volumes, a sentence each; quick, never blocks
     */
    public record Engine(
            Volumes volumes,
            Wal wal,
            ObjectStore store,
            NanoClock clock,
            Supplier<List<String>> problems) {}

    /**
     * What does not change while the daemon runs.
     *
     * @param nbd URIs to attach to, without a volume's name
     * @param risks that the user took, a sentence each
     * @param patience a volume whose writes wait longer for the store is degraded
     * @param compression of new volumes
     * @param durability of new volumes
     */
    public record Facts(
            String version,
            String dataDir,
            List<String> nbd,
            List<String> risks,
            DataSize walBudget,
            Duration patience,
            CompressionText compression,
            Durability durability) {
        public Facts {
            nbd = List.copyOf(nbd);
            risks = List.copyOf(risks);
        }
    }

    /** The clients of each volume, by its name. */
    public interface Connections {
        Map<String, Integer> counts();

        void close(String volume);
    }

    public VolumesAdmin(Engine engine, Facts facts, Connections connections) {
        this.engine = engine;
        this.facts = facts;
        this.connections = connections;
        this.describe = new VolumeDescription(facts.patience());
        this.inspector = new StoreInspector(engine.store());
        this.startedNanos = engine.clock().nanos();
    }

    @Override
    public List<VolumeInfo> list() throws StorageException {
        List<VolumeInfo> all = new ArrayList<>();
        List<VolumeInfo> notHere = new ArrayList<>();
        Map<String, Integer> clients = connections.counts();
        for (VolumeName name : engine.volumes().names().list()) {
            VolumeInfo info = info(name, clients);
            all.add(info);
            if (engine.volumes().volume(name.value()).isEmpty()) {
                notHere.add(info);
            }
        }
        offline = List.copyOf(notHere);
        return all;
    }

    @Override
    public VolumeInfo info(VolumeName name) throws StorageException {
        return info(name, connections.counts());
    }

    private VolumeInfo info(VolumeName name, Map<String, Integer> clients) throws StorageException {
        var here = engine.volumes().volume(name.value());
        if (here.isPresent()) {
            return describe.attached(here.get(), clients);
        }
        Manifest manifest = manifest(name);
        return engine.volumes().isHeldBack(name)
                ? describe.offline(
                        manifest,
                        VolumeState.POSSIBLE_LOSS,
                        "the host went down with writes that were not synced")
                : describe.offline(
                        manifest, VolumeState.OFFLINE, "not attached here; the log tells why");
    }

    private Manifest manifest(VolumeName name) throws StorageException {
        return engine.volumes().manifests().load(engine.volumes().names().require(name)).manifest();
    }

    @Override
    public VolumeInfo create(CreateVolume wanted) throws StorageException {
        Durability durability = Objects.requireNonNullElse(wanted.durability(), facts.durability());
        CompressionText compression =
                Objects.requireNonNullElse(wanted.compression(), facts.compression());
        Volume volume =
                engine.volumes()
                        .create(
                                new VolumeSpec(
                                        new VolumeName(wanted.name()),
                                        new DataSize(wanted.sizeBytes()),
                                        ofApi(durability),
                                        compression.value()));
        return describe.attached(volume, connections.counts());
    }

    @Override
    public void delete(VolumeName name, Clients clients) throws StorageException {
        if (clients == Clients.RESPECTED) {
            requireNoClients(name);
        }
        engine.volumes().delete(name);
        // Also those that came since: what they opened is there no longer.
        connections.close(name.value());
    }

    private void requireNoClients(VolumeName name) throws RefusedException {
        int connected = connections.counts().getOrDefault(name.value(), 0);
        if (connected > 0) {
            throw new RefusedException(
                    RefusedException.Reason.HAS_CLIENTS,
                    "volume %s has %d client %s"
                            .formatted(
                                    name,
                                    connected,
                                    connected == 1 ? "connection" : "connections"));
        }
    }

    @Override
    public VolumeInfo resize(VolumeName name, ResizeVolume wanted) throws StorageException {
        boolean isForced = wanted.shrink() == ResizeVolume.Shrink.FORCED;
        Volume before = attached(name);
        boolean shrinks = wanted.sizeBytes() < before.sizeBytes();
        if (shrinks && !isForced) {
            requireNoClients(name);
        }
        try {
            engine.volumes()
                    .resize(
                            name,
                            new DataSize(wanted.sizeBytes()),
                            isForced ? DataBeyond.DROPPED : DataBeyond.KEPT);
        } finally {
            // What they have open is there no longer, not even where shrinking failed half-way.
            if (engine.volumes().volume(name.value()).filter(before::equals).isEmpty()) {
                connections.close(name.value());
            }
        }
        return info(name);
    }

    @Override
    public VolumeInfo set(VolumeName name, SetVolume wanted) throws StorageException {
        var settings =
                new VolumeSettings(
                        Optional.ofNullable(wanted.durability()).map(VolumesAdmin::ofApi),
                        Optional.ofNullable(wanted.compression()).map(CompressionText::value));
        return describe.attached(engine.volumes().set(name, settings), connections.counts());
    }

    private static io.lsmbd.manifest.Durability ofApi(Durability durability) {
        return io.lsmbd.manifest.Durability.valueOf(durability.name());
    }

    @Override
    public VolumeInfo acceptLoss(VolumeName name) throws StorageException {
        return describe.attached(engine.volumes().acceptLoss(name), connections.counts());
    }

    @Override
    public VolumeInfo discardLog(VolumeName name) throws StorageException {
        engine.volumes().discardLog(name);
        return info(name);
    }

    /** Asks nothing of the store, which may be what is wrong. */
    @Override
    public StatusInfo status() {
        List<VolumeInfo> volumes = new ArrayList<>(offline);
        volumes.removeIf(volume -> engine.volumes().volume(volume.name()).isPresent());
        Map<String, Integer> clients = connections.counts();
        for (Volume volume : engine.volumes().attached()) {
            volumes.add(describe.attached(volume, clients));
        }
        List<String> problems = new ArrayList<>(engine.problems().get());
        StatusInfo.Health health =
                problems.isEmpty() ? StatusInfo.Health.OK : StatusInfo.Health.DEGRADED;
        problems.addAll(facts.risks());
        long leftOver = tellLeftOver(problems);
        if (leftOver > facts.walBudget().bytes() / 4) {
            health = StatusInfo.Health.DEGRADED; // soon writes of all volumes may wait for room
        }
        for (VolumeInfo volume : volumes) {
            if (volume.state() != VolumeState.ONLINE) {
                problems.add("%s: %s".formatted(volume.name(), volume.problem()));
                health = worse(health, volume.state());
            }
        }
        long upNanos = engine.clock().nanos() - startedNanos;
        return new StatusInfo(
                facts.version(),
                health,
                problems,
                facts.dataDir(),
                engine.store().location(),
                TimeUnit.NANOSECONDS.toMillis(upNanos),
                facts.nbd(),
                new StatusInfo.WalUse(facts.walBudget().bytes(), engine.wal().usedBytes()),
                volumes);
    }

    /**
     * Nothing is wrong with the volumes, but the log has so much less room.
     *
     * @return how much, of all volumes
     */
    private long tellLeftOver(List<String> problems) {
        long total = 0;
        for (Volume volume : engine.volumes().attached()) {
            long bytes = engine.wal().leftOverBytes(volume.info().manifest().volume());
            total += bytes;
            if (bytes > 0) {
                problems.add(
                        "%s: the log keeps %s from before another host had the volume; see"
                                        .formatted(volume.name(), new DataSize(bytes))
                                + " `lsmctl wal salvage`, and `lsmctl wal discard` to free them");
            }
        }
        return total;
    }

    private static StatusInfo.Health worse(StatusInfo.Health so, VolumeState state) {
        return so == StatusInfo.Health.CORRUPT || state == VolumeState.CORRUPT
                ? StatusInfo.Health.CORRUPT
                : StatusInfo.Health.DEGRADED;
    }

    @Override
    public StoreInfo inspectStore() throws StorageException {
        return inspector.store();
    }

    @Override
    public VolumeDetail inspectVolume(VolumeName name, VolumeInsides.Segments segments)
            throws StorageException {
        Volume volume = attached(name);
        var info = volume.info();
        return new VolumeInsides(
                        manifest(name),
                        info.committedSegment(),
                        volume.map().segments(),
                        new VolumeDetail.Positions(info.lastLsn(), info.committedLsn()),
                        null)
                .describe(describe.attached(volume, connections.counts()), segments);
    }

    /** Refuses with the reason where there is no such volume, or none that is open here. */
    private Volume attached(VolumeName name) throws StorageException {
        var here = engine.volumes().volume(name.value());
        if (here.isPresent()) {
            return here.get();
        }
        var _ = engine.volumes().names().require(name);
        throw new RefusedException(
                RefusedException.Reason.NO_SUCH_VOLUME,
                "volume %s is not attached here; the log tells why".formatted(name));
    }

    @Override
    public SegmentDetail inspectSegment(VolumeName name, long number, SegmentCheck check)
            throws StorageException {
        return switch (check) {
            case TABLES -> inspector.segment(name, number);
            case FRAMES -> inspector.verifiedSegment(name, number);
        };
    }

    @Override
    public LbaInfo inspectLba(VolumeName name, ByteRange range) throws StorageException {
        return LbaInspector.inspect(attached(name), engine.wal(), range);
    }

    @Override
    public WalInfo inspectWal() {
        List<WalInfo.Lag> lags = new ArrayList<>();
        for (Volume volume : engine.volumes().attached()) {
            var info = volume.info();
            lags.add(
                    new WalInfo.Lag(
                            volume.name(),
                            info.lastLsn(),
                            info.committedLsn(),
                            info.unuploadedBytes(),
                            TimeUnit.NANOSECONDS.toMillis(info.oldestUnuploadedNanos())));
        }
        return new WalInfo(
                facts.dataDir() + "/wal",
                facts.walBudget().bytes(),
                engine.wal().usedBytes(),
                engine.wal().appendedPosition(),
                engine.wal().syncedPosition(),
                engine.wal().files().stream().map(LogDescription::file).toList(),
                lags,
                null);
    }
}
