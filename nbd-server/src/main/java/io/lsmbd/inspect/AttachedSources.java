package io.lsmbd.inspect;

import io.lsmbd.error.StorageException;
import io.lsmbd.extent.MapRuns;
import io.lsmbd.segment.FrameTable;
import io.lsmbd.volume.Volume;
import io.lsmbd.wal.Wal;
import io.lsmbd.wal.WalFileInfo;
import io.lsmbd.wal.index.ExtentList;
import java.util.List;

/** A volume that is attached here, with the indexes that its reads use. */
record AttachedSources(Volume volume, Wal wal) implements LbaSources {
    @Override
    public String name() {
        return volume.name();
    }

    @Override
    public long sizeBytes() {
        return volume.sizeBytes();
    }

    @Override
    public void lookUpLog(long lba, long sectors, ExtentList out) {
        volume.walIndex().lookup(lba, sectors, out);
    }

    @Override
    public void lookUpMap(long lba, long sectors, MapRuns out) throws StorageException {
        volume.map().lookup(lba, sectors, out);
    }

    @Override
    public FrameTable frames(long segment) throws StorageException {
        return volume.frameTables().get(segment);
    }

    @Override
    public List<WalFileInfo> logFiles() {
        return wal.files();
    }
}
