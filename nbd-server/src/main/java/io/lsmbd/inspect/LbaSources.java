package io.lsmbd.inspect;

import io.lsmbd.error.StorageException;
import io.lsmbd.extent.MapRuns;
import io.lsmbd.segment.FrameTable;
import io.lsmbd.wal.WalFileInfo;
import io.lsmbd.wal.index.ExtentList;
import java.util.List;

/** What it takes to find a volume's bytes, attached or not. */
interface LbaSources {
    String name();

    long sizeBytes();

    /** See {@link io.lsmbd.wal.index.ExtentIndex#lookup}. */
    void lookUpLog(long lba, long sectors, ExtentList out);

    /** See {@link io.lsmbd.extent.ExtentMap#lookup}. */
    void lookUpMap(long lba, long sectors, MapRuns out) throws StorageException;

    FrameTable frames(long segment) throws StorageException;

    /** The log's files, oldest first. */
    List<WalFileInfo> logFiles();
}
