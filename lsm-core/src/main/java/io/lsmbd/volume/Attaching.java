package io.lsmbd.volume;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import io.lsmbd.env.Task;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Attaches, when a daemon starts, every volume of the store that no living writer holds. What fails
 * because the store is away is tried again until it is back, while all else goes on.
 */
public final class Attaching implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Attaching.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Environment environment;
    private final Volumes volumes;
    private final Gate gate;
    private final Signal closing;

    /** Not attached yet; null: the store has not told yet which there are. */
    private @Nullable List<VolumeName> left;

    private boolean isPassed;
    private volatile String obstacle = "";
    private volatile boolean isClosed;
    private @Nullable Task task; // start and close only

    /** What must be found out about the store before anything is written to it. */
    public interface Gate {
        /** Nothing: it was found out already. */
        Gate OPEN = () -> {};

        /**
         * Blocks on the store.
         *
         * @throws StorageException if the store does not answer, or may not be written to
         */
        void pass() throws StorageException;
    }

    public Attaching(Environment environment, Volumes volumes, Gate gate) {
        this.environment = environment;
        this.volumes = volumes;
        this.gate = gate;
        this.closing = environment.signal();
    }

    /**
     * Blocks for one attempt; what that leaves goes on behind.
     *
     * @throws StorageException if that is hopeless, whatever the store does
     */
    public void start() throws StorageException {
        if (!runOnce()) {
            startBehind();
        }
    }

    /** As {@link #start}, but returns at once: for a store that is known to be away. */
    public void startBehind() {
        if (obstacle.isEmpty()) {
            obstacle = "volumes are attached as soon as the object store answers";
        }
        if (!isPassed) {
            volumes.shut(true);
        }
        volumes.attachesLate();
        LOG.warn("not all volumes are attached yet: {}", obstacle);
        task = environment.spawnVirtual("attaching", this::goOn);
    }

    private void goOn() {
        try {
            while (!isClosed && !runOnceWhateverComes()) {
                closing.await(() -> isClosed, PAUSE);
            }
            LOG.info("all volumes are attached that can be");
        } catch (RefusedException e) {
            obstacle = "volumes are not attached: " + e.getMessage();
            LOG.error("{}", obstacle);
        }
    }

    /** What comes back from an outage may first be wrong in other ways, until somebody mends it. */
    private boolean runOnceWhateverComes() throws RefusedException {
        try {
            return runOnce();
        } catch (RefusedException e) {
            throw e;
        } catch (StorageException e) {
            String before = obstacle;
            obstacle = "volumes are not attached yet: " + e.getMessage();
            if (!obstacle.equals(before)) {
                LOG.error("{}", obstacle);
            }
            return false;
        }
    }

    /**
     * One attempt at what is left; blocks on the store.
     *
     * @return whether nothing is left
     */
    public boolean runOnce() throws StorageException {
        List<VolumeName> wanted = left;
        try {
            if (!isPassed) {
                gate.pass();
                isPassed = true;
                volumes.shut(false);
            }
            if (wanted == null) {
                wanted = attachable();
            }
        } catch (ObjectStoreException e) {
            if (!e.isRetryable()) {
                throw e;
            }
            obstacle = "volumes are not attached yet: " + e.getMessage();
            return false;
        }
        List<VolumeName> rest = attachEach(wanted);
        left = rest;
        if (rest.isEmpty()) {
            volumes.attachedAll();
        }
        obstacle = rest.isEmpty() ? "" : "not attached yet, the object store is away: " + rest;
        return rest.isEmpty();
    }

    private List<VolumeName> attachable() throws StorageException {
        discardDeleted();
        return volumes.names().list();
    }

    /**
     * Records of volumes that certainly are no more must not pin the log. That the store does not
     * know a volume does not make it certain: by a typing mistake, or a disk that is not mounted,
     * it may be another store, and the log all that there is of the last writes. So the store has
     * to know another volume of the log, or one that this data directory wrote.
     */
    private void discardDeleted() throws StorageException {
        Set<VolumeId> logged = volumes.wal().recovery().volumes();
        List<VolumeId> unknown = new ArrayList<>();
        for (VolumeId id : logged) {
            if (!isKnown(id)) {
                unknown.add(id);
            }
        }
        if (unknown.isEmpty()) {
            return;
        }
        if (unknown.size() == logged.size() && !hasVolumeOfOurs()) {
            LOG.warn(
                    "the store knows none of the volumes that the log has records of: is store.url"
                            + " right? The records are kept and take room in the log volumes={}",
                    unknown);
            return;
        }
        for (VolumeId id : unknown) {
            LOG.warn("log has records of a volume that is no more, discarded volume={}", id);
            volumes.wal().discard(id);
        }
    }

    /** Also one whose manifest cannot be read is there. */
    private boolean isKnown(VolumeId id) throws StorageException {
        try {
            volumes.manifests().load(id);
            return true;
        } catch (CorruptDataException _) {
            return true;
        } catch (ObjectStoreException e) {
            if (e.isNotFound()) {
                return false;
            }
            throw e;
        }
    }

    private boolean hasVolumeOfOurs() throws StorageException {
        for (VolumeName name : volumes.names().list()) {
            try {
                Optional<VolumeId> id = volumes.names().find(name);
                if (id.isPresent() && volumes.wasOurs(volumes.manifests().load(id.get()))) {
                    return true;
                }
            } catch (CorruptDataException e) {
                LOG.warn("volume cannot be read volume={} reason={}", name, e.getMessage());
            } catch (ObjectStoreException e) {
                if (!e.isNotFound()) { // else it was deleted just now
                    throw e;
                }
            }
        }
        return false;
    }

    /**
     * Those that failed because the store is away, or are busy; the other failures are reported
     * here.
     */
    private List<VolumeName> attachEach(List<VolumeName> wanted) {
        Set<VolumeName> again = ConcurrentHashMap.newKeySet();
        List<Task> tasks = new ArrayList<>();
        for (VolumeName name : wanted) {
            tasks.add(
                    environment.spawnVirtual(
                            "attach-" + name,
                            () -> {
                                if (!attachOrReport(name)) {
                                    again.add(name);
                                }
                            }));
        }
        tasks.forEach(Task::join);
        return wanted.stream().filter(again::contains).toList();
    }

    /** False if it is worth another attempt, once the store is back. */
    private boolean attachOrReport(VolumeName name) {
        if (volumes.volume(name.value()).isPresent()) {
            return true; // somebody was quicker, by accepting a loss for example
        }
        try {
            volumes.attach(name);
        } catch (RefusedException e) {
            if (e.reason() == RefusedException.Reason.BUSY) {
                LOG.debug("volume not attached yet volume={} reason={}", name, e.getMessage());
                return false;
            }
            LOG.warn("volume not attached volume={} reason={}", name, e.getMessage());
        } catch (StorageException e) {
            if (e instanceof ObjectStoreException store && store.isRetryable()) {
                LOG.debug("volume not attached yet volume={} reason={}", name, e.getMessage());
                return false;
            }
            LOG.error("volume not attached volume={} reason={}", name, e.getMessage());
        } catch (RuntimeException e) {
            // A bug, but one volume's: the others are to be served.
            LOG.error("volume not attached volume={}", name, e);
        }
        return true;
    }

    /** What it waits for, in a sentence; empty once all is done. Never blocks. */
    public Optional<String> obstacle() {
        String now = obstacle;
        return now.isEmpty() ? Optional.empty() : Optional.of(now);
    }

    /** Waits for an attempt that is under way. */
    @Override
    public void close() {
        isClosed = true;
        closing.signalAll();
        Task running = task;
        if (running != null) {
            running.join();
            task = null;
        }
    }
}
