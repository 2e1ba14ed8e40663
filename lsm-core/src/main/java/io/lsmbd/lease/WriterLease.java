package io.lsmbd.lease;

import io.lsmbd.env.Environment;
import io.lsmbd.env.NanoClock;
import io.lsmbd.env.Signal;
import io.lsmbd.env.Task;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Lease;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.manifest.ManifestStore;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a volume's lease alive while it is written or read, and lets it lapse while it is idle, so
 * that an idle volume costs no request. Valid means: at some moment less than the lease's duration
 * ago, by this host's monotonic clock, the manifest was still ours; so nobody who respects the
 * lease has taken over yet. Losing it is no harm in itself; a renewal that finds a higher epoch is.
 */
public final class WriterLease implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WriterLease.class);
    private static final int RENEWALS_PER_DURATION = 3;

    private final Environment environment;
    private final NanoClock clock;
    private final ManifestStore manifests;
    private final VolumeId volume;
    private final VolumeName name;
    private final long epoch;
    private final Duration duration;
    private final Consumer<FencedException> onFenced;
    private final Signal wake;

    private volatile long validUntilNanos; // written by whoever renewed
    private volatile boolean active; // set by users, cleared by the renewing task
    private volatile boolean closed;
    private @Nullable Task renewing; // start and close only

    /**
     * @param attachedAtNanos monotonic time before the request that put the lease into the manifest
     * @param onFenced told, once, on the renewing task, that another writer took over
     */
    public WriterLease(
            Environment environment,
            ManifestStore manifests,
            Manifest manifest,
            long attachedAtNanos,
            Consumer<FencedException> onFenced) {
        Lease lease = manifest.lease();
        if (lease == null) {
            throw new IllegalArgumentException("not attached: " + manifest.name());
        }
        this.environment = environment;
        this.clock = environment.nanoClock();
        this.manifests = manifests;
        this.volume = manifest.volume();
        this.name = manifest.name();
        this.epoch = manifest.epoch();
        this.duration = Duration.ofMillis(lease.durationMillis());
        this.onFenced = onFenced;
        this.wake = environment.signal();
        this.validUntilNanos = attachedAtNanos + duration.toNanos();
    }

    public void start() {
        renewing = environment.spawnVirtual("lease-" + name, this::run);
    }

    /** A request came: keep the lease alive. Costs one volatile read when that is known already. */
    public void touch() {
        if (!active) {
            active = true;
            wake.signalAll();
        }
    }

    public boolean isValid() {
        return clock.nanos() - validUntilNanos < 0;
    }

    /** Returns once the lease is valid, renewing it if it lapsed; blocks on the store. */
    public void ensureValid() throws StorageException {
        if (!isValid()) {
            renew();
        }
    }

    private void renew() throws StorageException {
        long before = clock.nanos();
        manifests.update(volume, epoch, WriterLease::renewed);
        validUntilNanos = before + duration.toNanos();
    }

    private static Manifest renewed(Manifest manifest) {
        Lease lease = manifest.lease();
        if (lease == null) {
            throw new IllegalStateException("renewal after detach: " + manifest.name());
        }
        return manifest.renewed(new Lease(lease.durationMillis(), lease.renewals() + 1));
    }

    private void run() {
        Duration pause = duration.dividedBy(RENEWALS_PER_DURATION);
        while (true) {
            wake.await(() -> active || closed);
            if (closed) {
                return;
            }
            active = false;
            try {
                renew();
            } catch (FencedException e) {
                onFenced.accept(e);
                return;
            } catch (StorageException e) {
                // Usual while the store is away, which is told once, for all volumes.
                LOG.debug("lease not renewed volume={} reason={}", name, e.getMessage());
                active = true; // try again after the pause: the request is still to be covered
            }
            wake.await(() -> closed, pause);
        }
    }

    /** Ends the renewing task; the manifest is not touched. Idempotent. */
    @Override
    public void close() {
        closed = true;
        wake.signalAll();
        Task task = renewing;
        if (task != null) {
            task.join();
            renewing = null;
        }
    }
}
