package io.lsmbd.admin;

import io.lsmbd.admin.api.CreateVolume;
import io.lsmbd.admin.api.LbaInfo;
import io.lsmbd.admin.api.ResizeVolume;
import io.lsmbd.admin.api.SegmentDetail;
import io.lsmbd.admin.api.SetVolume;
import io.lsmbd.admin.api.StatusInfo;
import io.lsmbd.admin.api.StoreInfo;
import io.lsmbd.admin.api.VolumeDetail;
import io.lsmbd.admin.api.VolumeInfo;
import io.lsmbd.admin.api.WalInfo;
import io.lsmbd.error.StorageException;
import io.lsmbd.inspect.VolumeInsides;
import io.lsmbd.model.ByteRange;
import io.lsmbd.model.VolumeName;
import java.util.List;

/** What the admin API asks of the volumes. Calls may wait for disk and store; thread-safe. */
public interface VolumeAdmin {
    /** How much of a segment is read to describe it. */
    enum SegmentCheck {
        /** Its tables at the end of the object. */
        TABLES,
        /** Every byte, compared with its checksums. */
        FRAMES
    }

    /** What becomes of the clients that have a volume open which is to be deleted. */
    enum Clients {
        /** Their volume stays. */
        RESPECTED,
        /** They find their connection closed. */
        CUT_OFF
    }

    /** By name. */
    List<VolumeInfo> list() throws StorageException;

    VolumeInfo create(CreateVolume wanted) throws StorageException;

    VolumeInfo info(VolumeName name) throws StorageException;

    /**
     * Takes everything that the volume holds.
     *
     * @throws io.lsmbd.error.RefusedException HAS_CLIENTS if it has and they are to be respected
     */
    void delete(VolumeName name, Clients clients) throws StorageException;

    /**
     * Gives the volume another size. Clients that have it open go on with the size that they know;
     * if it shrinks, they are cut off.
     *
     * @throws io.lsmbd.error.RefusedException HAS_CLIENTS or HAS_DATA if it would shrink, and that
     *     is not forced
     */
    VolumeInfo resize(VolumeName name, ResizeVolume wanted) throws StorageException;

    /** The next FLUSH and the next upload are as {@code wanted}, also after a restart. */
    VolumeInfo set(VolumeName name, SetVolume wanted) throws StorageException;

    /** Serves a volume although writes that were never flushed may be gone. */
    VolumeInfo acceptLoss(VolumeName name) throws StorageException;

    /**
     * Frees the log of what it holds of a volume that another host took over, or, if this daemon
     * has it again, of what was left over then.
     *
     * @throws io.lsmbd.error.RefusedException IN_USE or HAS_DATA if nothing was left over, as far
     *     as this daemon knows
     */
    VolumeInfo discardLog(VolumeName name) throws StorageException;

    StatusInfo status();

    StoreInfo inspectStore() throws StorageException;

    VolumeDetail inspectVolume(VolumeName name, VolumeInsides.Segments segments)
            throws StorageException;

    SegmentDetail inspectSegment(VolumeName name, long number, SegmentCheck check)
            throws StorageException;

    LbaInfo inspectLba(VolumeName name, ByteRange range) throws StorageException;

    WalInfo inspectWal() throws StorageException;
}
