package io.lsmbd.write;

import io.lsmbd.env.Environment;
import io.lsmbd.extent.ExtentMap;
import io.lsmbd.lease.WriterLease;
import io.lsmbd.manifest.Checkpointer;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.read.FrameTables;
import io.lsmbd.wal.Wal;
import io.lsmbd.wal.index.WalIndex;

/**
 * What one volume's write path works with; all of it outlives the path.
 *
 * @param manifest as of the attach: identity, epoch, writer; durability and compression may be
 *     others by now
 * @param position where recovery left off
 */
public record WriteContext(
        Environment environment,
        UploadPolicy policy,
        ObjectStore store,
        Wal wal,
        WalIndex index,
        ExtentMap map,
        FrameTables frameTables,
        Checkpointer checkpointer,
        WriterLease lease,
        Health health,
        Backpressure.Account account,
        BuilderPool builders,
        Manifest manifest,
        Position position) {

    /**
     * Where recovery left off.
     *
     * @param segment the last number in use, ours or a fence: the next segment comes after it
     * @param committedLsn the last record that the segments so far hold
     */
    public record Position(long segment, long committedLsn) {}
}
