package io.lsmbd.manifest;

import io.lsmbd.model.Sectors;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import org.jspecify.annotations.Nullable;

/**
 * A volume's manifest. {@code epoch} only grows and only an attach raises it; everything else is
 * changed by the holder of that epoch alone (invariant 6, {@link ManifestInvariants}).
 *
 * @param compression as the user gave it: {@code none}, {@code lz4}, {@code zstd:3}
 * @param writer absent until the first attach
 * @param lease the writer's; absent once it has detached cleanly
 * @param deleted the volume is being deleted: nobody attaches it any more
 */
public record Manifest(
        int format,
        VolumeId volume,
        VolumeName name,
        long sizeBytes,
        Durability durability,
        String compression,
        long createdMillis,
        long epoch,
        @Nullable Writer writer,
        @Nullable Lease lease,
        Checkpoint checkpoint,
        boolean deleted) {
    public static final int FORMAT = 1;

    public Manifest {
        if (sizeBytes <= 0
                || !Sectors.isAligned(sizeBytes)
                || sizeBytes > Sectors.toBytes(Sectors.MAX_VOLUME_SECTORS)) {
            throw new IllegalArgumentException(
                    "a volume has 512 B to 1 PiB in whole sectors of 512 B, not "
                            + sizeBytes
                            + " B");
        }
        if (epoch < 0 || epoch > 0xffff_ffffL) {
            throw new IllegalArgumentException("no such epoch: " + epoch);
        }
    }

    /** As of an attach: the next epoch, its writer and a first lease. */
    public Manifest attached(Writer by, long leaseMillis) {
        return with(epoch + 1, by, new Lease(leaseMillis, 0), checkpoint);
    }

    public Manifest renewed(Lease next) {
        return with(epoch, writer, next, checkpoint);
    }

    public Manifest checkpointed(Checkpoint next) {
        return with(epoch, writer, lease, next);
    }

    /** As of a clean detach: the checkpoint holds everything and nothing is under way. */
    public Manifest detached() {
        return with(epoch, writer, null, checkpoint);
    }

    /** Of another size; the sizes that are legal are those of any volume. */
    public Manifest resized(long newSizeBytes) {
        return new Manifest(
                format,
                volume,
                name,
                newSizeBytes,
                durability,
                compression,
                createdMillis,
                epoch,
                writer,
                lease,
                checkpoint,
                deleted);
    }

    /** From now on with that durability and compression. */
    public Manifest kept(Durability newDurability, String newCompression) {
        return new Manifest(
                format,
                volume,
                name,
                sizeBytes,
                newDurability,
                newCompression,
                createdMillis,
                epoch,
                writer,
                lease,
                checkpoint,
                deleted);
    }

    /** Nothing can be done with the volume from now on but finish its deletion. */
    public Manifest asDeleted() {
        return new Manifest(
                format,
                volume,
                name,
                sizeBytes,
                durability,
                compression,
                createdMillis,
                epoch,
                writer,
                null,
                checkpoint,
                true);
    }

    private Manifest with(
            long newEpoch,
            @Nullable Writer newWriter,
            @Nullable Lease newLease,
            Checkpoint newCheckpoint) {
        return new Manifest(
                format,
                volume,
                name,
                sizeBytes,
                durability,
                compression,
                createdMillis,
                newEpoch,
                newWriter,
                newLease,
                newCheckpoint,
                deleted);
    }
}
