package io.lsmbd.volume;

import io.lsmbd.env.Environment;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.extent.ExtentMap;
import io.lsmbd.lease.WriterLease;
import io.lsmbd.manifest.Checkpointer;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.Sectors;
import io.lsmbd.read.FrameTables;
import io.lsmbd.read.Holes;
import io.lsmbd.read.ReadAhead;
import io.lsmbd.read.ReadPath;
import io.lsmbd.recovery.RecoveryReport;
import io.lsmbd.volume.AllocationVisitor.Allocation;
import io.lsmbd.volume.LocationVisitor.Location;
import io.lsmbd.wal.SyncListener;
import io.lsmbd.wal.index.WalIndex;
import io.lsmbd.write.Health;
import io.lsmbd.write.WritePath;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** An attached volume: read path and write path over one WAL index and one extent map. */
public final class Volume implements BlockVolume {
    private static final long ROUND_UP = Sectors.BYTES - 1L;

    /**
     * What {@link Volumes} put together.
     *
     * @param manifest as of the attach
     */
    record Parts(
            Manifest manifest,
            Environment environment,
            WalIndex index,
            ExtentMap map,
            FrameTables frameTables,
            ReadPath reads,
            ReadAhead readAhead,
            WritePath writes,
            Checkpointer checkpointer,
            WriterLease lease,
            Health health,
            RecoveryReport recovery) {}

    private final Parts parts;
    private final ReadPath reads;
    private final WritePath writes;
    private final PartialSectors partial;

    /** As of the attach, or of the last growth since: an attached volume never shrinks. */
    private volatile Manifest manifest;

    Volume(Parts parts) {
        this.parts = parts;
        this.manifest = parts.manifest();
        this.reads = parts.reads();
        this.writes = parts.writes();
        this.partial = new PartialSectors(reads, writes, parts.index());
    }

    @Override
    public String name() {
        return manifest.name().value();
    }

    @Override
    public long sizeBytes() {
        return manifest.sizeBytes();
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public boolean acceptsWithoutWaiting(int lengthBytes) {
        return writes.acceptsWithoutWaiting(lengthBytes);
    }

    @Override
    public void write(long offsetBytes, ByteBuffer[] payload, int count) throws StorageException {
        long length = 0;
        for (int i = 0; i < count; i++) {
            length += payload[i].remaining();
        }
        checkRange(offsetBytes, length);
        if (length == 0) {
            return;
        }
        // In the log it would be a request that no segment can hold: the volume could never again
        // upload anything.
        if (BlockVolume.wholeSectorBytes(offsetBytes, length) > MAX_WRITE_BYTES) {
            throw new IllegalArgumentException(
                    "a write of %d bytes at %d is longer than a segment"
                            .formatted(length, offsetBytes));
        }
        if (Sectors.isAligned(offsetBytes | length)) {
            writes.write(offsetBytes >> Sectors.SHIFT, payload, count, Math.toIntExact(length));
        } else {
            partial.write(offsetBytes, payload, count, length);
        }
    }

    @Override
    public boolean tryTrim(long offsetBytes, long lengthBytes) throws StorageException {
        checkSectors(offsetBytes, lengthBytes);
        return writes.tryTrim(offsetBytes >> Sectors.SHIFT, lengthBytes >> Sectors.SHIFT);
    }

    @Override
    public boolean tryWriteZeroes(long offsetBytes, long lengthBytes) throws StorageException {
        checkSectors(offsetBytes, lengthBytes);
        return writes.tryWriteZeroes(offsetBytes >> Sectors.SHIFT, lengthBytes >> Sectors.SHIFT);
    }

    private void checkSectors(long offsetBytes, long lengthBytes) {
        checkRange(offsetBytes, lengthBytes);
        if (lengthBytes == 0 || !Sectors.isAligned(offsetBytes | lengthBytes)) {
            throw new IllegalArgumentException(
                    "not whole sectors: %d bytes at %d".formatted(lengthBytes, offsetBytes));
        }
    }

    @Override
    public boolean tryWrite(WriteBatch batch) throws StorageException {
        for (int i = 0; i < batch.size(); i++) {
            checkRange(batch.offset(i), batch.lengthBytes(i));
        }
        return writes.tryWrite(batch, batch.totalBytes());
    }

    private void checkRange(long offsetBytes, long lengthBytes) {
        long sizeBytes = sizeBytes();
        if (offsetBytes < 0 || lengthBytes < 0 || offsetBytes > sizeBytes - lengthBytes) {
            throw new IllegalArgumentException(
                    "%d bytes at %d are not within the %d of volume %s"
                            .formatted(lengthBytes, offsetBytes, sizeBytes, name()));
        }
    }

    /** Partly covered sectors at the edges stay as they are, as the specification allows. */
    @Override
    public void trim(long offsetBytes, long lengthBytes) throws StorageException {
        checkRange(offsetBytes, lengthBytes);
        long first = (offsetBytes + ROUND_UP) >> Sectors.SHIFT;
        long end = (offsetBytes + lengthBytes) >> Sectors.SHIFT;
        if (end > first) {
            writes.trim(first, end - first);
        } else {
            parts.health().check();
        }
    }

    @Override
    public void writeZeroes(long offsetBytes, long lengthBytes) throws StorageException {
        checkRange(offsetBytes, lengthBytes);
        if (lengthBytes == 0) {
            parts.health().check();
        } else if (Sectors.isAligned(offsetBytes | lengthBytes)) {
            writes.writeZeroes(offsetBytes >> Sectors.SHIFT, lengthBytes >> Sectors.SHIFT);
        } else {
            partial.writeZeroes(offsetBytes, lengthBytes);
        }
    }

    @Override
    public void flush(Completion completion) {
        writes.flush(
                new SyncListener() {
                    @Override
                    public void synced() {
                        completion.done();
                    }

                    @Override
                    public void failed(StorageException cause) {
                        completion.failed(cause);
                    }
                });
    }

    @Override
    public boolean readWithoutWaiting(long offsetBytes, ByteBuffer into, Holes holes)
            throws StorageException {
        int length = into.remaining();
        checkRange(offsetBytes, length);
        parts.health().check();
        // Whoever only reads has to find out, too, that the volume is another's and goes on.
        parts.lease().touch();
        if (!Sectors.isAligned(offsetBytes | length)) {
            return false;
        }
        int start = into.position();
        long lba = offsetBytes >> Sectors.SHIFT;
        boolean done;
        try {
            done = reads.readWithoutWaiting(lba, length >> Sectors.SHIFT, into, holes);
        } finally {
            forgetIfClosed(into, start);
        }
        parts.health().check();
        if (done) {
            parts.readAhead().observe(lba, length >> Sectors.SHIFT, endLba());
        }
        return done;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer into, Holes holes, BooleanSupplier isWanted)
            throws StorageException {
        int length = into.remaining();
        checkRange(offsetBytes, length);
        parts.health().check();
        parts.lease().touch();
        int start = into.position();
        holes.begin(start);
        if (length == 0) {
            return;
        }
        try {
            if (Sectors.isAligned(offsetBytes | length)) {
                long lba = offsetBytes >> Sectors.SHIFT;
                parts.readAhead().observe(lba, length >> Sectors.SHIFT, endLba());
                reads.read(lba, length >> Sectors.SHIFT, into, holes, isWanted);
            } else {
                partial.read(offsetBytes, into, isWanted);
            }
        } finally {
            forgetIfClosed(into, start);
        }
        parts.health().check();
    }

    /** Closing forgets map pages that nobody wrote back: what was read meanwhile may be old. */
    private void forgetIfClosed(ByteBuffer into, int start) {
        if (!parts.health().isGood()) {
            into.position(start);
        }
    }

    @Override
    public void cache(long offsetBytes, long lengthBytes, BooleanSupplier isWanted)
            throws StorageException {
        checkRange(offsetBytes, lengthBytes);
        parts.health().check();
        if (lengthBytes > 0) {
            long first = offsetBytes >> Sectors.SHIFT;
            long last = (offsetBytes + lengthBytes - 1) >> Sectors.SHIFT;
            reads.warm(first, last - first + 1, isWanted);
        }
    }

    @Override
    public void allocation(long offsetBytes, long lengthBytes, AllocationVisitor visitor)
            throws StorageException {
        RunJoiner<Allocation> runs = new RunJoiner<>(offsetBytes, lengthBytes, visitor::run);
        walk(offsetBytes, lengthBytes, new AllocationSink(runs));
        runs.finish();
    }

    @Override
    public void locate(long offsetBytes, long lengthBytes, LocationVisitor visitor)
            throws StorageException {
        RunJoiner<Location> runs = new RunJoiner<>(offsetBytes, lengthBytes, visitor::run);
        walk(offsetBytes, lengthBytes, new LocationSink(runs, reads));
        runs.finish();
    }

    private void walk(long offsetBytes, long lengthBytes, RangeScan.Sink sink)
            throws StorageException {
        checkRange(offsetBytes, lengthBytes);
        parts.health().check();
        new RangeScan(parts.index(), parts.map(), RangeScan.ENOUGH)
                .walk(offsetBytes, lengthBytes, sink);
        parts.health().check();
    }

    public VolumeInfo info() {
        StorageException failure = parts.health().cause();
        return new VolumeInfo(
                manifest,
                writes.lastLsn(),
                writes.committedLsn(),
                writes.committedSegment(),
                writes.unuploadedBytes(),
                writes.oldestUnuploadedNanos(),
                writes.pressure(),
                failure == null ? "" : String.valueOf(failure.getMessage()));
    }

    /** Why it no longer works; empty while it does. */
    public Optional<StorageException> failure() {
        return Optional.ofNullable(parts.health().cause());
    }

    /** Throws {@link #failure}, if there is one. */
    void check() throws StorageException {
        parts.health().check();
    }

    public RecoveryReport recovery() {
        return parts.recovery();
    }

    /** For inspection: live counts, look-ups. */
    public ExtentMap map() {
        return parts.map();
    }

    /** For inspection: what the log holds. */
    public WalIndex walIndex() {
        return parts.index();
    }

    /** For inspection: where frames are. */
    public FrameTables frameTables() {
        return parts.frameTables();
    }

    /** Uploads everything, and waits for it. */
    public void drain() throws StorageException {
        writes.drain();
    }

    private long endLba() {
        return sizeBytes() >> Sectors.SHIFT;
    }

    /** What a larger size may have left beyond the end becomes zeroes, and its space free. */
    void trimBeyondEnd() throws StorageException {
        long end = endLba();
        if (end < Sectors.MAX_VOLUME_SECTORS) {
            writes.trim(end, Sectors.MAX_VOLUME_SECTORS - end);
        }
    }

    /** {@link #drain}; false if the store does not take all of it in time. */
    boolean drain(Duration patience) {
        return new Shutdown(parts.environment(), writes, patience).drain();
    }

    /** The end is where {@code now} says: not before the one that clients know. */
    void grown(Manifest now) {
        if (now.sizeBytes() < sizeBytes()) {
            throw new IllegalStateException(
                    "volume %s would shrink from %d to %d bytes while it is attached"
                            .formatted(name(), sizeBytes(), now.sizeBytes()));
        }
        manifest = now;
    }

    /** Other durability or compression. */
    void changed(Manifest now) {
        writes.changed(now);
        manifest = now;
    }

    /**
     * Looks whether all that was ever written is before {@code endBytes}, or became zeroes since.
     *
     * @throws RefusedException HAS_DATA if not
     */
    void requireNothingFrom(long endBytes) throws StorageException {
        FirstData data = new FirstData();
        new RangeScan(parts.index(), parts.map(), Integer.MAX_VALUE)
                .walk(endBytes, sizeBytes() - endBytes, data);
        if (data.isFound()) {
            throw new RefusedException(
                    RefusedException.Reason.HAS_DATA,
                    "volume %s has data beyond %s, at offset %d"
                            .formatted(name(), new DataSize(endBytes), data.offsetBytes()));
        }
    }

    /** Something to be done with a volume. */
    interface Step {
        void run() throws StorageException;
    }

    /**
     * Clean detach: everything is uploaded, checkpointed, and the manifest says that nobody writes.
     * Where the store does not answer in time, the log keeps the rest for the next attach.
     */
    void detach(Duration patience) throws StorageException {
        detach(patience, () -> {});
    }

    /** {@code last} is run when nothing can be written any more and all can still be found. */
    void detach(Duration patience, Step last) throws StorageException {
        writes.refuse();
        try {
            boolean drained = drain(patience);
            parts.lease().close();
            writes.close();
            last.run();
            // What is still under way would meet the next writer, who closes no window then.
            if (drained && writes.isQuiet()) {
                parts.checkpointer().detach();
            }
        } finally {
            parts.health().fail(new VolumeClosedException("volume " + name() + " is closed"));
            parts.map().close();
        }
    }

    /** Lets go at once: workers end, the manifest stays as it is. */
    void abandon(StorageException reason) {
        parts.health().fail(reason);
        parts.lease().close();
        writes.close();
        parts.map().close();
    }
}
