package io.lsmbd.extent;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.StorageException;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.model.VolumeId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides whether what the local index has of a volume can be built on. */
final class LocalState {
    private static final Logger LOG = LoggerFactory.getLogger(LocalState.class);

    private LocalState() {}

    /**
     * Usable if and only if all of this holds: the volume's state is there and intact; it is not
     * older than the checkpoint, for the segments before that may be gone; it relies on no newer
     * checkpoint than the manifest's; and it reflects no segment that is not committed. Fills
     * {@code table} then.
     */
    static Optional<MapMeta> usable(
            ExtentMapSources sources,
            @Nullable CheckpointRef checkpoint,
            long newestCommitted,
            SegmentTable table)
            throws StorageException {
        LocalIndex index = sources.index();
        byte[] bytes = null;
        try {
            bytes = index == null ? null : index.getMeta(sources.volume());
            if (index == null || bytes == null) {
                return Optional.empty();
            }
            MapMeta meta = MapMeta.decode(bytes);
            long oldest = checkpoint == null ? 0 : checkpoint.segment();
            long newestCheckpoint = checkpoint == null ? 0 : checkpoint.number();
            if (meta.appliedSegment() < oldest
                    || meta.appliedSegment() > newestCommitted
                    || meta.checkpoint() > newestCheckpoint) {
                LOG.info(
                        "the local index does not fit the bucket: volume={} has={} checkpoint={}"
                                + " newestCommitted={}",
                        sources.volume(),
                        meta,
                        checkpoint,
                        newestCommitted);
                return Optional.empty();
            }
            readTable(index, sources.volume(), table);
            return Optional.of(meta);
        } catch (CorruptFormatException e) {
            noteDamage(index, sources.volume(), String.valueOf(e.getMessage()));
        } catch (CorruptDataException e) {
            LOG.warn("the local index is damaged: volume={}", sources.volume(), e);
        }
        return Optional.empty();
    }

    private static void readTable(LocalIndex index, VolumeId volume, SegmentTable table)
            throws StorageException {
        index.forEachSegmentState(
                volume,
                (segment, value) -> {
                    try {
                        table.put(SegmentTableFormat.decode(value, segment));
                        return true;
                    } catch (CorruptFormatException e) {
                        throw new CorruptDataException("local index", 0, e);
                    }
                });
        table.clearChanges();
    }

    private static void noteDamage(@Nullable LocalIndex index, VolumeId volume, String problem) {
        LOG.warn("the local index is damaged: volume={} {}", volume, problem);
        if (index != null) {
            index.noteDamage("volume %s: %s".formatted(volume, problem));
        }
    }

    /** Forgets the volume, durably, if there is anything of it. */
    static void drop(LocalIndex index, VolumeId volume) throws StorageException {
        boolean isAbsent;
        try {
            isAbsent = index.getMeta(volume) == null;
        } catch (CorruptDataException _) {
            isAbsent = false;
        }
        if (!isAbsent) {
            index.dropVolume(volume);
        }
    }
}
