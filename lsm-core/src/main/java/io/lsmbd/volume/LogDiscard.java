package io.lsmbd.volume;

import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.ManifestStore;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import io.lsmbd.wal.Wal;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go of what only the log has of a volume that another host took over.
 *
 * @param wasOurs whether the next attach would replay what the log holds
 */
record LogDiscard(
        Wal wal,
        VolumeNames names,
        ManifestStore manifests,
        Predicate<ManifestStore.Versioned> wasOurs) {
    private static final Logger LOG = LoggerFactory.getLogger(LogDiscard.class);

    /** See {@link Volumes#discardLog}; nobody else attaches or detaches the volume meanwhile. */
    VolumeId run(VolumeName name, Optional<Volume> attached) throws StorageException {
        if (attached.isPresent()) {
            return leftOver(name, attached.get().info().manifest().volume());
        }
        VolumeId id = names.require(name);
        ManifestStore.Versioned there = manifests.load(id);
        if (there.manifest().writer() == null || wasOurs.test(there)) {
            throw new RefusedException(
                    RefusedException.Reason.HAS_DATA,
                    ("volume %s is still this daemon's: the next attach needs its log; what it does"
                                    + " not need can be discarded once it is attached")
                            .formatted(name));
        }
        wal.discard(id);
        LOG.info("log of a volume that is another's discarded volume={} id={}", name, id);
        return id;
    }

    private VolumeId leftOver(VolumeName name, VolumeId id) throws StorageException {
        long bytes = wal.leftOverBytes(id);
        if (bytes == 0) {
            throw new RefusedException(
                    RefusedException.Reason.IN_USE,
                    "volume %s is attached here: its log is in use, and nothing in it is left over"
                            .formatted(name));
        }
        wal.discardLeftOver(id);
        LOG.info(
                "what another host's turn left over in the log discarded volume={} id={} bytes={}",
                name,
                id,
                bytes);
        return id;
    }
}
