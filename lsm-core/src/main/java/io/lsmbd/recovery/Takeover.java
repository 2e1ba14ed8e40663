package io.lsmbd.recovery;

import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Lease;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.manifest.ManifestStore;
import io.lsmbd.manifest.ManifestStore.Swap;
import io.lsmbd.manifest.ManifestStore.Versioned;
import io.lsmbd.manifest.Writer;
import io.lsmbd.model.VolumeId;
import java.time.Duration;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Step one of an attach: the next epoch becomes ours by compare-and-swap (DESIGN.md 5). */
final class Takeover {
    private static final int LOOKS_PER_LEASE = 5;
    private static final int MAX_ATTEMPTS = 20;

    private final Environment environment;
    private final ManifestStore manifests;
    private final AttachConfig config;

    /**
     * @param before the manifest as the previous writer left it
     * @param now as it is with our epoch
     * @param requestedAtNanos monotonic time before the request that made it so
     */
    record Taken(Manifest before, Manifest now, long requestedAtNanos) {}

    Takeover(Environment environment, ManifestStore manifests, AttachConfig config) {
        this.environment = environment;
        this.manifests = manifests;
        this.config = config;
    }

    /**
     * Blocks for up to the other writer's lease, if that may still be alive.
     *
     * @throws RefusedException IN_USE if it is
     */
    Taken take(VolumeId volume) throws StorageException {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            Versioned current = manifests.load(volume);
            if (current.manifest().deleted()) {
                throw new RefusedException(
                        RefusedException.Reason.NO_SUCH_VOLUME,
                        "volume %s is being deleted; to finish: lsmctl volume delete %s"
                                .formatted(current.manifest().name(), current.manifest().name()));
            }
            awaitSilence(current.manifest());
            long before = environment.nanoClock().nanos();
            Manifest next =
                    current.manifest().attached(us(current.manifest()), config.lease().toMillis());
            if (manifests.swap(current, next) instanceof Swap.Done done) {
                return new Taken(current.manifest(), done.now().manifest(), before);
            }
        }
        throw new ObjectStoreException(
                ObjectStoreException.Outlook.RETRYABLE,
                "the manifest of volume %s changed %d times while we tried to attach"
                        .formatted(volume, MAX_ATTEMPTS));
    }

    private Writer us(Manifest before) {
        Writer last = before.writer();
        long epoch = before.epoch() + 1;
        // An unbroken chain of attaches by this directory: its WAL continues what the bucket has.
        long lineage =
                last != null && last.directory().equals(config.directory())
                        ? last.lineageEpoch()
                        : epoch;
        RandomGenerator random = environment.random("writer");
        return new Writer(
                new UUID(random.nextLong(), random.nextLong()).toString(),
                config.directory(),
                environment.processIdentity(),
                lineage,
                window(before, last));
    }

    /**
     * Also what the writer before may have under way, unless it left cleanly: should we die before
     * we have fenced it, whoever comes next finds the larger window here.
     */
    private int window(Manifest before, @Nullable Writer last) {
        return last == null || before.lease() == null
                ? config.uploadWindow()
                : Math.max(config.uploadWindow(), last.uploadWindow());
    }

    /** Returns at once if nobody else can be alive there, else after a lease without renewal. */
    private void awaitSilence(Manifest seen) throws StorageException {
        Lease lease = seen.lease();
        Writer writer = seen.writer();
        if (lease == null
                || writer == null
                || writer.directory().equals(config.directory())
                || environment.isKnownDead(writer.process())) {
            return;
        }
        Duration pause = Duration.ofMillis(Math.max(1, lease.durationMillis() / LOOKS_PER_LEASE));
        for (int look = 0; look <= LOOKS_PER_LEASE; look++) {
            environment.sleep(pause);
            Manifest now = manifests.load(seen.volume()).manifest();
            if (now.epoch() != seen.epoch() || !lease.equals(now.lease())) {
                throw new RefusedException(
                        RefusedException.Reason.IN_USE,
                        "volume %s is in use by %s".formatted(seen.name(), writer.process()));
            }
        }
    }
}
