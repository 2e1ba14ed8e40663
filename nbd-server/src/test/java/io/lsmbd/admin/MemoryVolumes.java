package io.lsmbd.admin;

import io.lsmbd.admin.api.CompressionText;
import io.lsmbd.admin.api.CreateVolume;
import io.lsmbd.admin.api.Durability;
import io.lsmbd.admin.api.LbaInfo;
import io.lsmbd.admin.api.ResizeVolume;
import io.lsmbd.admin.api.SegmentDetail;
import io.lsmbd.admin.api.SegmentDetail.ExtentInfo;
import io.lsmbd.admin.api.SegmentDetail.FrameInfo;
import io.lsmbd.admin.api.SetVolume;
import io.lsmbd.admin.api.StatusInfo;
import io.lsmbd.admin.api.StoreInfo;
import io.lsmbd.admin.api.VolumeDetail;
import io.lsmbd.admin.api.VolumeDetail.SegmentSpace;
import io.lsmbd.admin.api.VolumeInfo;
import io.lsmbd.admin.api.VolumeState;
import io.lsmbd.admin.api.WalInfo;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.inspect.VolumeInsides;
import io.lsmbd.model.ByteRange;
import io.lsmbd.model.VolumeName;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** Volumes that are nothing but their description, with numbers that are easy to recognise. */
public final class MemoryVolumes implements VolumeAdmin {
    private static final long CORRUPT_SEGMENT = 13;
    private final Map<VolumeName, VolumeInfo> volumes = new ConcurrentSkipListMap<>();

    /** Makes a volume look that way. */
    public void put(String name, VolumeState state, @Nullable String problem) {
        volumes.put(
                new VolumeName(name),
                new VolumeInfo(
                        name,
                        "%016x".formatted(volumes.size() + 1),
                        state,
                        10L << 30,
                        3L << 30,
                        5L << 30,
                        2L << 20,
                        800,
                        0.25,
                        0,
                        new CompressionText("lz4"),
                        Durability.LOCAL,
                        problem));
    }

    /** Makes it look as if a volume had that many clients. */
    public void connect(String name, int clients) {
        volumes.computeIfPresent(
                new VolumeName(name), (_, info) -> like(info, info.sizeBytes(), clients));
    }

    private static VolumeInfo like(VolumeInfo info, long sizeBytes, int clients) {
        return new VolumeInfo(
                info.name(),
                info.id(),
                info.state(),
                sizeBytes,
                info.liveBytes(),
                info.storedBytes(),
                info.unuploadedBytes(),
                info.unuploadedAgeMillis(),
                info.logFullness(),
                clients,
                info.compression(),
                info.durability(),
                info.problem());
    }

    @Override
    public List<VolumeInfo> list() {
        return List.copyOf(volumes.values());
    }

    @Override
    public VolumeInfo create(CreateVolume wanted) throws StorageException {
        var name = new VolumeName(wanted.name());
        var info =
                new VolumeInfo(
                        wanted.name(),
                        "%016x".formatted(volumes.size() + 1),
                        VolumeState.ONLINE,
                        wanted.sizeBytes(),
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        Objects.requireNonNullElse(
                                wanted.compression(), new CompressionText("lz4")),
                        Objects.requireNonNullElse(wanted.durability(), Durability.LOCAL),
                        null);
        if (volumes.putIfAbsent(name, info) != null) {
            throw new RefusedException(
                    RefusedException.Reason.ALREADY_EXISTS, "there is a volume " + name);
        }
        return info;
    }

    @Override
    public VolumeInfo info(VolumeName name) throws StorageException {
        VolumeInfo info = volumes.get(name);
        if (info == null) {
            throw new RefusedException(
                    RefusedException.Reason.NO_SUCH_VOLUME, "there is no volume " + name);
        }
        return info;
    }

    @Override
    public void delete(VolumeName name, Clients clients) throws StorageException {
        if (info(name).clients() > 0 && clients == Clients.RESPECTED) {
            throw hasClients(info(name));
        }
        volumes.remove(name);
    }

    /** Data fills the first half of each volume. */
    @Override
    public VolumeInfo resize(VolumeName name, ResizeVolume wanted) throws StorageException {
        VolumeInfo before = info(name);
        boolean shrinks = wanted.sizeBytes() < before.sizeBytes();
        boolean isForced = wanted.shrink() == ResizeVolume.Shrink.FORCED;
        if (shrinks && !isForced && before.clients() > 0) {
            throw hasClients(before);
        }
        if (shrinks && !isForced && wanted.sizeBytes() < before.sizeBytes() / 2) {
            throw new RefusedException(
                    RefusedException.Reason.HAS_DATA, "volume %s has data".formatted(name));
        }
        VolumeInfo now = like(before, wanted.sizeBytes(), shrinks ? 0 : before.clients());
        volumes.put(name, now);
        return now;
    }

    @Override
    public VolumeInfo set(VolumeName name, SetVolume wanted) throws StorageException {
        VolumeInfo before = info(name);
        VolumeInfo now =
                new VolumeInfo(
                        before.name(),
                        before.id(),
                        before.state(),
                        before.sizeBytes(),
                        before.liveBytes(),
                        before.storedBytes(),
                        before.unuploadedBytes(),
                        before.unuploadedAgeMillis(),
                        before.logFullness(),
                        before.clients(),
                        Objects.requireNonNullElse(wanted.compression(), before.compression()),
                        Objects.requireNonNullElse(wanted.durability(), before.durability()),
                        before.problem());
        volumes.put(name, now);
        return now;
    }

    private static RefusedException hasClients(VolumeInfo volume) {
        return new RefusedException(
                RefusedException.Reason.HAS_CLIENTS,
                "volume %s has %d".formatted(volume.name(), volume.clients()));
    }

    @Override
    public VolumeInfo acceptLoss(VolumeName name) throws StorageException {
        info(name);
        put(name.value(), VolumeState.ONLINE, null);
        return info(name);
    }

    @Override
    public VolumeInfo discardLog(VolumeName name) throws StorageException {
        VolumeInfo info = info(name);
        if (info.state() == VolumeState.ONLINE) {
            throw new RefusedException(RefusedException.Reason.IN_USE, name + " is attached here");
        }
        return info;
    }

    @Override
    public StatusInfo status() {
        List<String> problems =
                volumes.values().stream()
                        .filter(volume -> volume.problem() != null)
                        .map(volume -> volume.name() + ": " + volume.problem())
                        .toList();
        return new StatusInfo(
                "1.2.3",
                health(),
                problems,
                "/data",
                "file:/data/store",
                90_000,
                List.of("nbd://127.0.0.1:10809"),
                new StatusInfo.WalUse(8L << 30, 64L << 20),
                list());
    }

    private StatusInfo.Health health() {
        if (volumes.values().stream().anyMatch(v -> v.state() == VolumeState.CORRUPT)) {
            return StatusInfo.Health.CORRUPT;
        }
        return volumes.values().stream().allMatch(v -> v.state() == VolumeState.ONLINE)
                ? StatusInfo.Health.OK
                : StatusInfo.Health.DEGRADED;
    }

    @Override
    public StoreInfo inspectStore() {
        return new StoreInfo(
                "file:/data/store",
                list().stream()
                        .map(v -> new StoreInfo.StoredVolume(v.name(), v.id(), 160, 2, 3, 5L << 30))
                        .toList());
    }

    @Override
    public VolumeDetail inspectVolume(VolumeName name, VolumeInsides.Segments segments)
            throws StorageException {
        return new VolumeDetail(
                info(name),
                17,
                "vmhost3",
                new VolumeDetail.LeaseInfo(10_000, 3),
                128,
                160,
                6 << 20,
                2 << 20,
                new VolumeDetail.Positions(91_877, 91_000),
                null,
                segments == VolumeInsides.Segments.TOTALS
                        ? null
                        : List.of(new SegmentSpace(159, 8 << 20, 6 << 20, 5L << 30)));
    }

    @Override
    public SegmentDetail inspectSegment(VolumeName name, long number, SegmentCheck check)
            throws StorageException {
        String object = "v/%s/segments/%020d".formatted(info(name).id(), number);
        boolean isVerified = check == SegmentCheck.FRAMES;
        if (number == CORRUPT_SEGMENT && !isVerified) {
            throw new CorruptDataException(object, 4096, "checksum of the footer");
        }
        return new SegmentDetail(
                name.value(),
                number,
                object,
                70_000,
                17,
                1000,
                1003,
                "2026-11-20T10:02:11Z",
                List.of(new FrameInfo(0, 128, 64, 60_000, "lz4", "1badcafe")),
                List.of(new ExtentInfo(2048, 128, 0L), new ExtentInfo(4096, 8, null)),
                isVerified ? verified(number) : null);
    }

    private static SegmentDetail.Verified verified(long number) {
        return new SegmentDetail.Verified(
                70_000,
                number == CORRUPT_SEGMENT ? List.of("frame 0 at offset 64: CRC") : List.of());
    }

    @Override
    public LbaInfo inspectLba(VolumeName name, ByteRange range) throws StorageException {
        info(name);
        return new LbaInfo(
                name.value(),
                List.of(
                        new LbaInfo.Run(
                                range.offset(),
                                512,
                                LbaInfo.Where.SEGMENT,
                                160L,
                                8L,
                                new LbaInfo.Frame(0, 64, 60_000, "lz4", "1badcafe"),
                                null,
                                ""),
                        LbaInfo.Run.hole(
                                new ByteRange(range.offset() + 512, range.length() - 512))),
                null);
    }

    @Override
    public WalInfo inspectWal() {
        return new WalInfo(
                "/data/wal",
                8L << 30,
                64L << 20,
                3L << 20,
                2L << 20,
                List.of(new WalInfo.File("0000000001.wal", 1, 0, 1L << 20, 250, 1)),
                List.of(new WalInfo.Lag("vol1", 91_877, 91_000, 2L << 20, 800)),
                null);
    }
}
