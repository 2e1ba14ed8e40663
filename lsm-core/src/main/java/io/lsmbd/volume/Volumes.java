package io.lsmbd.volume;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lsmbd.cache.FrameCache;
import io.lsmbd.env.Environment;
import io.lsmbd.env.Task;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.extent.PageBudget;
import io.lsmbd.lease.WriterLease;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.manifest.Checkpointer;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.manifest.ManifestStore;
import io.lsmbd.manifest.Writer;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.read.FrameTables;
import io.lsmbd.read.ReadAhead;
import io.lsmbd.read.ReadPath;
import io.lsmbd.read.StorePatience;
import io.lsmbd.recovery.AttachConfig;
import io.lsmbd.recovery.RecoveryReport;
import io.lsmbd.recovery.VolumeRecovery;
import io.lsmbd.segment.FrameTable;
import io.lsmbd.wal.Wal;
import io.lsmbd.wal.WalRecords;
import io.lsmbd.wal.WalRecovery.PossibleLoss;
import io.lsmbd.wal.index.WalIndex;
import io.lsmbd.write.Backpressure;
import io.lsmbd.write.BuilderPool;
import io.lsmbd.write.Compression;
import io.lsmbd.write.Health;
import io.lsmbd.write.WriteContext;
import io.lsmbd.write.WritePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The volumes that this daemon has attached, and what they share. Attach, create, resize, delete
 * and close block on the store; {@link #find} and {@link #list} never do.
 */
public final class Volumes implements VolumeCatalog, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Volumes.class);

    /**
     * What all volumes of a daemon stand on; the caller closes these after the volumes.
     *
     * @param store tries again what fails, for a while
     * @param attempts the same store without retries, for reads that hold buffers meanwhile
     */
    public record Foundation(
            Environment environment,
            ObjectStore store,
            ObjectStore attempts,
            Wal wal,
            LocalIndex localIndex,
            FrameCache frames) {}

    private final Foundation base;
    private final VolumesConfig config;
    private final ManifestStore manifests;
    private final VolumeNames names;
    private final VolumeRecovery recovery;
    private final Backpressure backpressure;
    private final BuilderPool builders;
    private final Cache<FrameTables.Key, FrameTable> frameTables;
    private final Map<String, Volume> open = new ConcurrentSkipListMap<>();

    private final Set<VolumeId> recoveredOnce = ConcurrentHashMap.newKeySet();
    private final Set<String> lossAccepted = ConcurrentHashMap.newKeySet();

    private final BusyNames busy = new BusyNames();

    /** Whether it is still unknown if the store may be written to. */
    private volatile boolean isShut;

    private volatile boolean isComplete = true;

    public Volumes(Foundation base, VolumesConfig config) {
        this.base = base;
        this.config = config;
        Environment environment = base.environment();
        manifests = new ManifestStore(base.store(), environment);
        names = new VolumeNames(base.store(), manifests, environment);
        // One more than the policy's: the committer holds one while another waits for room.
        int window = config.upload().parallel() + 1;
        recovery =
                new VolumeRecovery(
                        environment,
                        base.store(),
                        manifests,
                        base.localIndex(),
                        new PageBudget(config.mapPages()),
                        new AttachConfig(config.directory(), window, config.lease()));
        backpressure = new Backpressure(environment, config.walBudget(), config.walMaxRecords());
        builders = new BuilderPool(environment, config.builders(), config.upload().segmentSize());
        frameTables =
                Caffeine.newBuilder()
                        .maximumWeight(config.frameTableBytes().bytes())
                        .weigher((FrameTables.Key _, FrameTable table) -> table.heapBytes())
                        .build();
    }

    @Override
    public Optional<BlockVolume> find(String name) {
        return Optional.ofNullable(open.get(name));
    }

    @Override
    public List<BlockVolume> list() {
        return List.copyOf(open.values());
    }

    public List<Volume> attached() {
        return List.copyOf(open.values());
    }

    public Optional<Volume> volume(String name) {
        return Optional.ofNullable(open.get(name));
    }

    /** What the store has, attached here or not. */
    public VolumeNames names() {
        return names;
    }

    public ManifestStore manifests() {
        return manifests;
    }

    public Backpressure backpressure() {
        return backpressure;
    }

    Wal wal() {
        return base.wal();
    }

    /** Whether this data directory was the last to write the volume. */
    boolean wasOurs(ManifestStore.Versioned there) {
        Writer writer = there.manifest().writer();
        return writer != null && writer.directory().equals(config.directory());
    }

    /** Volumes are still to come: {@link #isComplete} until {@link #attachedAll}. */
    void attachesLate() {
        isComplete = false;
    }

    @Override
    public boolean isComplete() {
        return isComplete;
    }

    /** No volume is left that a start should attach. */
    void attachedAll() throws StorageException {
        isComplete = true;
        if (config.onPossibleLoss() == VolumesConfig.OnPossibleLoss.SERVE) {
            base.wal().forgetLoss(); // it was reported; nobody will be asked
        }
    }

    /** Takes the volume over as its writer. */
    public Volume attach(VolumeName name) throws StorageException {
        return exclusively(name, () -> attachNow(name));
    }

    /** While shut, no volume is opened, made or changed. */
    void shut(boolean isShut) {
        this.isShut = isShut;
    }

    private <T> T exclusively(VolumeName name, BusyNames.Step<T> step) throws StorageException {
        if (isShut) {
            throw new ObjectStoreException(
                    ObjectStoreException.Outlook.RETRYABLE,
                    "the object store has not answered since the start: nothing is known of it");
        }
        return busy.exclusively(name, step);
    }

    private Volume attachNow(VolumeName name) throws StorageException {
        if (open.containsKey(name.value())) {
            throw new RefusedException(
                    RefusedException.Reason.IN_USE, "volume " + name + " is attached here already");
        }
        VolumeId id = names.require(name);
        if (isHeldBack(name)) {
            throw new RefusedException(
                    RefusedException.Reason.POSSIBLE_LOSS,
                    ("volume %s may have lost writes, acknowledged but not flushed, when the host"
                                    + " went down; to serve it: `lsmctl volume accept-loss %s`")
                            .formatted(name, name));
        }
        Volume volume = assemble(recovered(id));
        open.put(name.value(), volume);
        tell(volume);
        return volume;
    }

    private void tell(Volume volume) {
        RecoveryReport found = volume.recovery();
        LOG.info(
                "volume attached volume={} size={} epoch={} replayedRecords={} millis={}",
                volume.name(),
                new DataSize(volume.sizeBytes()),
                found.epoch(),
                found.recordsReplayed(),
                TimeUnit.NANOSECONDS.toMillis(found.nanos()));
        LOG.debug("volume recovered volume={} {}", volume.name(), found);
        if (found.recordsLeftOver() > 0) {
            LOG.warn(
                    "another host has had the volume since; what this log held of it was not"
                            + " replayed, and stays in the log until `lsmctl wal discard {}`"
                            + " volume={} records={} bytes={}",
                    volume.name(),
                    volume.name(),
                    found.recordsLeftOver(),
                    base.wal().leftOverBytes(volume.info().manifest().volume()));
        }
    }

    private VolumeRecovery.Attached recovered(VolumeId id) throws StorageException {
        // The first attach uses what opening the log found; later ones read the log again.
        boolean first = recoveredOnce.add(id);
        WalRecords records = first ? base.wal().recovery().records(id) : base.wal().records(id);
        try {
            return recovery.attach(id, records);
        } catch (StorageException | RuntimeException e) {
            base.wal().recovery().giveBack(id);
            if (first) {
                recoveredOnce.remove(id); // what opening the log found is still there
            }
            throw e;
        }
    }

    /** Whether the volume waits for {@link #acceptLoss}. */
    public boolean isHeldBack(VolumeName name) {
        return mayHaveLost()
                && config.onPossibleLoss() == VolumesConfig.OnPossibleLoss.REFUSE
                && !lossAccepted.contains(name.value());
    }

    /** The host went down uncleanly, and the log cannot tell whether its tail was longer. */
    public boolean mayHaveLost() {
        return base.wal().recovery().report().possibleLoss() != PossibleLoss.NONE;
    }

    /** Serves a volume although acknowledged writes that were never flushed may be gone. */
    public Volume acceptLoss(VolumeName name) throws StorageException {
        lossAccepted.add(name.value());
        Volume there = open.get(name.value());
        Volume served = there != null ? there : attach(name);
        if (names.list().stream().noneMatch(this::isHeldBack)) {
            base.wal().forgetLoss();
        }
        return served;
    }

    private Volume assemble(VolumeRecovery.Attached attached) throws StorageException {
        Environment environment = base.environment();
        Manifest manifest = attached.manifest();
        String name = manifest.name().value();
        VolumeId id = manifest.volume();
        WalIndex index = new WalIndex();
        FrameTables tables = new FrameTables(id, base.attempts(), base.localIndex(), frameTables);
        Health health = new Health(name, environment.signal());
        ReadPath reads =
                new ReadPath(
                        base.wal(),
                        index,
                        attached.map(),
                        base.frames(),
                        tables,
                        new StorePatience(
                                environment, config.readTimeout(), () -> !health.isGood()));
        Checkpointer checkpointer =
                new Checkpointer(
                        environment,
                        manifests,
                        attached.map(),
                        base.localIndex(),
                        manifest,
                        config.upload().checkpointEvery(),
                        health::fail);
        checkpointer.recovered(attached.lastSegment(), attached.committedLsn());
        WriterLease lease =
                new WriterLease(
                        environment,
                        manifests,
                        manifest,
                        attached.requestedAtNanos(),
                        health::fail);
        WriteContext context =
                new WriteContext(
                        environment,
                        config.upload(),
                        base.store(),
                        base.wal(),
                        index,
                        attached.map(),
                        tables,
                        checkpointer,
                        lease,
                        health,
                        backpressure.account(),
                        builders,
                        manifest,
                        new WriteContext.Position(attached.lastSegment(), attached.committedLsn()));
        WritePath writes = WritePath.open(context, attached.replay());
        base.wal().recovery().release(id);
        Volume volume =
                new Volume(
                        new Volume.Parts(
                                manifest,
                                environment,
                                index,
                                attached.map(),
                                tables,
                                reads,
                                new ReadAhead(environment, reads),
                                writes,
                                checkpointer,
                                lease,
                                health,
                                attached.report()));
        lease.start();
        writes.start();
        return volume;
    }

    /** Creates a volume in the store and attaches it here. */
    public Volume create(VolumeSpec spec) throws StorageException {
        return exclusively(
                spec.name(),
                () -> {
                    names.create(spec);
                    lossAccepted.add(spec.name().value()); // it has nothing to lose
                    return attachNow(spec.name());
                });
    }

    /**
     * Changes what FLUSH waits for, and how data are compressed, of a volume that is attached here.
     * The manifest has it when this returns; flushes and segments that begin later keep to it.
     *
     * @throws IllegalArgumentException if there is no such compression
     */
    public Volume set(VolumeName name, VolumeSettings settings) throws StorageException {
        settings.compression().ifPresent(Compression::parse); // throws
        return exclusively(
                name,
                () -> {
                    Volume volume = require(name);
                    volume.check();
                    Manifest ours = volume.info().manifest();
                    Manifest now =
                            manifests
                                    .update(ours.volume(), ours.epoch(), settings::appliedTo)
                                    .manifest();
                    volume.changed(now);
                    LOG.info(
                            "volume set volume={} durability={} compression={}",
                            name,
                            now.durability(),
                            now.compression());
                    return volume;
                });
    }

    /** What becomes of data beyond the new end of a volume that is to shrink. */
    public enum DataBeyond {
        /** The volume keeps its size. */
        KEPT,
        DROPPED
    }

    /**
     * Gives a volume that is attached here another size, which the manifest has when this returns.
     * When it grows, its users go on; what it gains reads as zeroes, also where it was larger once.
     * To shrink, it is detached and attached, and what its users have under way fails. Killed at
     * any step, it has the old size or the new one, and with the old one all of its data.
     *
     * @return the volume with that size, another object if it has shrunk
     * @throws RefusedException HAS_DATA if there is data beyond the new end which is to be kept
     * @throws IllegalArgumentException if no volume can have that size
     */
    public Volume resize(VolumeName name, DataSize size, DataBeyond data) throws StorageException {
        return exclusively(
                name,
                () -> {
                    Volume volume = require(name);
                    long before = volume.sizeBytes();
                    volume.info().manifest().resized(size.bytes()); // throws
                    Volume resized =
                            size.bytes() < before
                                    ? shrunk(volume, size, data)
                                    : grown(volume, size);
                    LOG.info(
                            "volume resized volume={} from={} to={}",
                            name,
                            new DataSize(before),
                            size);
                    return resized;
                });
    }

    /** A volume that has failed or is another's, or a store that is away, is noticed in time. */
    private void checkChangeable(Volume volume) throws StorageException {
        volume.check();
        withSize(volume, new DataSize(volume.sizeBytes()));
    }

    private Volume grown(Volume volume, DataSize size) throws StorageException {
        checkChangeable(volume);
        // 1. In the store, too: the new size may be read by a host that has only that.
        volume.trimBeyondEnd();
        if (!volume.drain(config.shutdownPatience())) {
            throw new ObjectStoreException(
                    ObjectStoreException.Outlook.RETRYABLE,
                    "volume %s has its old size: the store does not take what the log holds"
                            .formatted(volume.name()));
        }
        // 2. The new size counts; 3. and may be used.
        volume.grown(withSize(volume, size));
        return volume;
    }

    private Volume shrunk(Volume volume, DataSize size, DataBeyond data) throws StorageException {
        var name = new VolumeName(volume.name());
        Volume.Step lookForData =
                data == DataBeyond.KEPT ? () -> volume.requireNothingFrom(size.bytes()) : () -> {};
        lookForData.run();
        checkChangeable(volume);
        open.remove(name.value());
        try {
            // 1. No request that the larger size allowed is under way any more: look again.
            volume.detach(config.shutdownPatience(), lookForData);
            // 2. The new size counts.
            withSize(volume, size);
        } catch (FencedException e) {
            throw e; // it is another's now
        } catch (StorageException | RuntimeException e) {
            attachAfter(e, name);
            throw e;
        }
        Volume smaller = attachNow(name);
        // 3. Only for the space: killed before, growth will do it.
        smaller.trimBeyondEnd();
        return smaller;
    }

    private Manifest withSize(Volume volume, DataSize size) throws StorageException {
        Manifest ours = volume.info().manifest();
        return manifests
                .update(ours.volume(), ours.epoch(), manifest -> manifest.resized(size.bytes()))
                .manifest();
    }

    /** Whichever size the volume has now: the attach reads it from the manifest. */
    private void attachAfter(Exception problem, VolumeName name) {
        try {
            attachNow(name);
        } catch (StorageException e) {
            problem.addSuppressed(e);
            LOG.error("volume not attached volume={} reason={}", name, e.getMessage());
        }
    }

    /** Lets the volume go cleanly: everything is uploaded first. */
    public void detach(VolumeName name) throws StorageException {
        exclusively(
                name,
                () -> {
                    Volume volume = open.remove(name.value());
                    if (volume == null) {
                        throw notAttached(name);
                    }
                    volume.detach(config.shutdownPatience());
                    return volume;
                });
    }

    private Volume require(VolumeName name) throws RefusedException {
        return volume(name.value()).orElseThrow(() -> notAttached(name));
    }

    private static RefusedException notAttached(VolumeName name) {
        return new RefusedException(
                RefusedException.Reason.NO_SUCH_VOLUME, "volume " + name + " is not attached here");
    }

    /**
     * Deletes a volume that is attached here, or finishes a deletion that was cut off. Everything
     * it has in the store goes.
     */
    public void delete(VolumeName name) throws StorageException {
        exclusively(name, () -> deleteNow(name));
    }

    private VolumeId deleteNow(VolumeName name) throws StorageException {
        Volume volume = open.get(name.value());
        VolumeId id = volume == null ? names.require(name) : volume.info().manifest().volume();
        if (volume != null) {
            // 1. Only the holder of the epoch may; from here on nobody attaches it any more.
            long epoch = volume.info().manifest().epoch();
            manifests.update(id, epoch, Manifest::asDeleted);
            open.remove(name.value());
            volume.abandon(new VolumeClosedException("volume " + name + " was deleted"));
        } else if (!manifests.load(id).manifest().deleted()) {
            throw notAttached(name);
        }
        // 2. What this host has; 3. what the store has.
        base.wal().discard(id);
        base.localIndex().dropVolume(id);
        names.delete(name, id);
        LOG.info("volume deleted volume={} id={}", name, id);
        return id;
    }

    /**
     * Lets go of what the log holds of a volume that another host took over; of one that is
     * attached here again, of what it held before that. It pins the log no more and cannot be
     * salvaged any more. Until its files are recycled, a new start finds it again.
     *
     * @throws RefusedException IN_USE if the volume is attached here, and the log has nothing of
     *     before; HAS_DATA if the next attach would replay what the log holds
     */
    public void discardLog(VolumeName name) throws StorageException {
        var discard = new LogDiscard(base.wal(), names, manifests, this::wasOurs);
        exclusively(name, () -> discard.run(name, volume(name.value())));
    }

    /**
     * Lets all volumes go at once, as a failing process does: the log keeps what is not uploaded.
     */
    public void abandonAll(StorageException reason) {
        open.values().forEach(volume -> volume.abandon(reason));
        open.clear();
        builders.close();
    }

    /** Detaches all, in parallel; the first failure is thrown once all have ended. */
    @Override
    public void close() {
        List<Task> tasks = new ArrayList<>();
        for (Volume volume : open.values()) {
            tasks.add(
                    base.environment()
                            .spawnVirtual("detach-" + volume.name(), () -> detachOrReport(volume)));
        }
        tasks.forEach(Task::join);
        open.clear();
        builders.close();
    }

    private void detachOrReport(Volume volume) {
        try {
            volume.detach(config.shutdownPatience());
            LOG.info("volume detached volume={}", volume.name());
        } catch (StorageException e) {
            LOG.error(
                    "volume not detached cleanly volume={} reason={}",
                    volume.name(),
                    e.getMessage());
        }
    }
}
