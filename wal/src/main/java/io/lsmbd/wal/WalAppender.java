package io.lsmbd.wal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.model.VolumeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Appends requests at the log's {@linkplain LogTail tail}, and has the lock that guards it, along
 * with everything the tail's growth changes: what volumes have in the files, the streams.
 *
 * <p>An append: 1. the group's checksums, without the lock; 2. under it: the stream is in the
 * middle of no other request, and there is room in the current file or the next one; 3. LSNs,
 * headers, one gathered write into the page cache; 4. the position advances; 5. the volume's sink
 * learns the locations. A failure in 3 poisons the log.
 *
 * <p>A request that is larger than a group takes several such steps, so that no lock is held for
 * long. The stream is its own from the first to the last: what a volume's clients ask for is in the
 * log one after the other, and a prefix of the log ends inside at most one request of a volume.
 */
final class WalAppender {
    /** No record's LSN: those begin at 1. */
    static final long REFUSED = 0;

    private final ReentrantLock lock = new ReentrantLock();
    private final LogState state;
    private final Pool<Append> appends = new Pool<>(Append::new);

    @GuardedBy("lock")
    private final Map<Long, VolumeState> volumes;

    private final LogTail tail; // see there what needs the lock

    WalAppender(
            LogState state, WalConfig config, List<WalFile> files, Map<Long, VolumeState> volumes) {
        this.state = state;
        this.volumes = new HashMap<>(volumes);
        this.tail = new LogTail(state, config, files);
    }

    /** What an append works with. */
    private static final class Append {
        private final AppendGroup group = new AppendGroup();
        private final PayloadSource source = new PayloadSource();

        private void release() {
            group.release();
            source.release();
        }
    }

    LogTail tail() {
        return tail;
    }

    /** Runs a short step under the append lock. */
    <T extends @Nullable Object> T locked(Supplier<T> step) {
        lock.lock();
        try {
            return step.get();
        } finally {
            lock.unlock();
        }
    }

    /** The volume's state, made if it is new. Only under the append lock. */
    VolumeState volume(VolumeId id) {
        lock.lock();
        try {
            return volumes.computeIfAbsent(id.value(), _ -> new VolumeState(id));
        } finally {
            lock.unlock();
        }
    }

    @Nullable VolumeState knownVolume(long id) {
        lock.lock();
        try {
            return volumes.get(id);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Appends the payload as one request and returns its last record's LSN; {@link #REFUSED} if the
     * condition does not hold under the append lock.
     */
    long write(
            WalStream stream, BooleanSupplier condition, long lba, ByteBuffer[] payload, int count)
            throws StorageException {
        Append append = appends.take();
        AppendGroup group = append.group;
        PayloadSource source = append.source;
        try {
            source.begin(lba, payload, 0, count);
            long bytes = source.bytesLeft();
            group.beginRequest(AppendGroup.recordsOf(bytes), WalStream.sectors(bytes));
            group.addWrite(source, tail.maxGroupBytes());
            long lsn = append(stream, group, condition, AppendGroup.bytesOf(bytes));
            if (lsn == REFUSED) {
                return REFUSED;
            }
            while (group.isUnfinished()) {
                group.clear();
                group.addWrite(source, tail.maxGroupBytes());
                lsn = append(stream, group, WalAppender::always, group.bytes());
            }
            source.consume();
            return lsn;
        } finally {
            // Not: is unfinished. What was refused is; what failed at its last part is not.
            if (stream.isTakenBy(group)) {
                breakOff(stream);
            }
            append.release();
            appends.give(append);
        }
    }

    static boolean always() {
        return true;
    }

    /** A request stays incomplete: its stream is of no use any more. */
    private void breakOff(WalStream stream) {
        lock.lock();
        try {
            stream.breakOff();
            tail.reserve(-stream.reservedBytes());
            stream.leave();
            stream.sink().brokenOff();
        } finally {
            lock.unlock();
        }
        state.room.signalAll();
    }

    /** Appends all writes in one piece, or, if it had to wait for that, nothing. */
    boolean tryWrite(WalStream stream, WalWrites writes) throws StorageException {
        Append append = appends.take();
        AppendGroup group = append.group;
        PayloadSource source = append.source;
        try {
            for (int i = 0; i < writes.size(); i++) {
                source.begin(
                        writes.lba(i),
                        writes.buffers(),
                        writes.firstBuffer(i),
                        writes.bufferCount(i));
                long bytes = source.bytesLeft();
                group.beginRequest(AppendGroup.recordsOf(bytes), WalStream.sectors(bytes));
                group.addWrite(source, tail.maxGroupBytes());
                if (group.isUnfinished()) {
                    return false;
                }
            }
            return tryAppend(stream, group);
        } finally {
            append.release();
            appends.give(append);
        }
    }

    private boolean tryAppend(WalStream stream, AppendGroup group) throws StorageException {
        lock.lock();
        try {
            state.check();
            stream.check();
            if (!isOpenFor(stream, group, group.bytes())) {
                return false;
            }
            appendHere(stream, group);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Appends a record without payload and returns its LSN. */
    long hole(WalStream stream, WalKind kind, long lba, long sectors) throws StorageException {
        Append append = appends.take();
        AppendGroup group = append.group;
        try {
            group.beginRequest(1, 0);
            group.addHole(kind, lba, sectors);
            return append(stream, group, WalAppender::always, group.bytes());
        } finally {
            append.release();
            appends.give(append);
        }
    }

    /** As {@link #hole}, or, if it had to wait for that, nothing. */
    boolean tryHole(WalStream stream, WalKind kind, long lba, long sectors)
            throws StorageException {
        Append append = appends.take();
        AppendGroup group = append.group;
        try {
            group.beginRequest(1, 0);
            group.addHole(kind, lba, sectors);
            return tryAppend(stream, group);
        } finally {
            append.release();
            appends.give(append);
        }
    }

    /**
     * Appends a hole with a sector of payload at either end, or at one, as one request; {@link
     * #REFUSED} if the condition does not hold.
     */
    long zeroes(WalStream stream, BooleanSupplier condition, UnalignedZeroes zeroes)
            throws StorageException {
        Append append = appends.take();
        AppendGroup group = append.group;
        try {
            group.beginRequest(zeroes.records(), zeroes.edges());
            if (zeroes.head() != null) {
                addSector(append, zeroes.lba() - 1, zeroes.head());
            }
            if (zeroes.sectors() > 0) {
                group.addHole(WalKind.ZERO, zeroes.lba(), zeroes.sectors());
            }
            if (zeroes.tail() != null) {
                addSector(append, zeroes.lba() + zeroes.sectors(), zeroes.tail());
            }
            return append(stream, group, condition, group.bytes());
        } finally {
            append.release();
            appends.give(append);
        }
    }

    private void addSector(Append append, long lba, ByteBuffer sector) {
        append.source.begin(lba, new ByteBuffer[] {sector}, 0, 1);
        append.group.addWrite(append.source, tail.maxGroupBytes());
    }

    /**
     * Returns the last record's LSN, or {@link #REFUSED} if the condition does not hold.
     *
     * @param requestBytes of the group, or of the whole request that it begins
     */
    private long append(
            WalStream stream, AppendGroup group, BooleanSupplier condition, long requestBytes)
            throws StorageException {
        while (true) {
            lock.lock();
            try {
                state.check();
                stream.check();
                boolean isOpen = isOpenFor(stream, group, requestBytes);
                if (isOpen && !condition.getAsBoolean()) {
                    return REFUSED;
                }
                if (isOpen) {
                    reserveRest(stream, group, requestBytes);
                    return appendHere(stream, group);
                }
            } finally {
                lock.unlock();
            }
            state.changed();
            state.room.await(() ->
                    isOpenFor(stream, group, requestBytes)
                            || state.isOver()
                            || !stream.isAppendable());
        }
    }

    /** Whether the group can be appended now. What says so without the lock is only a hint. */
    private boolean isOpenFor(WalStream stream, AppendGroup group, long requestBytes) {
        if (group.isContinuation()) {
            return tail.isOpenForRest(group.bytes());
        }
        if (stream.isTaken()) {
            return false;
        }
        return group.isUnfinished()
                ? tail.isOpenForLarge(group.bytes(), requestBytes)
                : tail.isOpenFor(group.bytes());
    }

    @GuardedBy("lock")
    private void reserveRest(WalStream stream, AppendGroup group, long requestBytes) {
        if (group.isContinuation()) {
            tail.reserve(-group.bytes());
            stream.reserved(-group.bytes());
        } else if (group.isUnfinished()) {
            long rest = requestBytes - group.bytes();
            tail.reserve(rest);
            stream.reserved(rest);
        }
    }

    @GuardedBy("lock")
    private long appendHere(WalStream stream, AppendGroup group) throws StorageException {
        if (!tail.hasRoom(group.bytes()) && !tail.roll()) {
            throw new IllegalStateException("no room where there was some");
        }
        if (group.isUnfinished()) {
            stream.takenBy(group);
        }
        long firstLsn = stream.nextLsn();
        long position = tail.put(group, new Owner(stream.volumeId(), stream.epoch(), firstLsn, 0));
        tell(stream, group, firstLsn, position);
        if (stream.isTakenBy(group) && !group.isUnfinished()) {
            stream.leave();
            state.room.signalAll();
        }
        return firstLsn + group.records() - 1;
    }

    @GuardedBy("lock")
    private void tell(WalStream stream, AppendGroup group, long firstLsn, long firstPosition) {
        WalFile file = tail.current();
        VolumeUse use = stream.useOf(file);
        WalSink sink = stream.sink();
        long position = firstPosition;
        for (int i = 0; i < group.records(); i++) {
            long lsn = firstLsn + i;
            long sectors = group.sectors(i);
            if (group.requestRecords(i) > 1) {
                sink.begins(group.requestRecords(i), group.requestSectors(i));
            }
            file.count(use, stream.epoch(), lsn, group.length(i));
            sink.appended(
                    lsn,
                    group.kind(i),
                    group.lba(i),
                    sectors,
                    WalLocation.of(group.kind(i), position, sectors));
            stream.advanceTo(lsn, !group.continues(i));
            position += group.length(i);
        }
    }

    /** What became of a record that was to be copied to the tail. */
    enum Copied {
        COPIED,
        /** Its volume's records must stay where they are for now. */
        BORROWED,
        /** The next file is not prepared. */
        NO_ROOM
    }

    /**
     * Copies a record of an old file to the tail, with its LSN and epoch, and re-points everything
     * that leads to it. Never waits, and may go beyond the budget: it is what makes room.
     */
    Copied copy(RecordScanner record) throws StorageException {
        Append append = appends.take();
        AppendGroup group = append.group;
        group.beginRequest(1, 0);
        if (record.kind().isHole()) {
            group.addHole(record.kind(), record.lba(), record.sectors());
        } else {
            append.source.begin(record.lba(), new ByteBuffer[] {record.payload()}, 0, 1);
            group.addWrite(append.source, tail.maxGroupBytes());
        }
        lock.lock();
        try {
            state.check();
            VolumeState volume = volumes.get(record.volume());
            if (volume == null || volume.isBorrowed) {
                return Copied.BORROWED;
            }
            if (!tail.hasRoom(group.bytes()) && !tail.roll()) {
                return Copied.NO_ROOM;
            }
            copyHere(record, group, volume);
            return Copied.COPIED;
        } finally {
            lock.unlock();
            append.release();
            appends.give(append);
        }
    }

    @GuardedBy("lock")
    private void copyHere(RecordScanner record, AppendGroup group, VolumeState volume)
            throws StorageException {
        WalFile file = tail.current();
        long lsn = record.lsn();
        int flags = RecordFormat.FLAG_COPIED;
        if (record.continues()) {
            flags |= RecordFormat.FLAG_CONTINUES;
        }
        long position = tail.put(group, new Owner(record.volume(), record.epoch(), lsn, flags));
        file.count(file.use(volume), record.epoch(), lsn, group.bytes());
        long from = record.location();
        long to = WalLocation.of(record.kind(), position, record.sectors());
        if (volume.recovered != null) {
            volume.recovered.relocate(record.epoch(), lsn, from, to);
        }
        // A left-over record's LSN is another's in the stream.
        if (volume.stream != null && !volume.isOfBefore(record.epoch())) {
            volume.stream.sink().relocated(lsn, record.lba(), record.sectors(), from, to);
        }
    }

    /** See {@link LogTail#oldestToCopy}. */
    @Nullable WalFile oldestToCopy() {
        return locked(tail::oldestToCopy);
    }

    /** Whether the record may be in no committed segment. */
    boolean isNeeded(WalFile file, RecordScanner record) {
        lock.lock();
        try {
            VolumeUse use = file.useOf(record.volume());
            return use != null && record.lsn() > use.volume.heldUpTo(record.epoch());
        } finally {
            lock.unlock();
        }
    }

    /** The file's needed records were all copied: it may go once the copies are on disk. */
    void release(WalFile file) {
        lock.lock();
        try {
            file.releaseAt(state.appended());
        } finally {
            lock.unlock();
        }
    }

    /** Hands over a file whose header and name are on disk, to be appended to in its turn. */
    void addPrepared(WalFile file) {
        lock.lock();
        try {
            tail.addPrepared(file);
        } finally {
            lock.unlock();
        }
        state.room.signalAll();
    }

    /** The file that will be appended to after all others. */
    WalFile lastFile() {
        return locked(tail::lastFile);
    }

    /**
     * Takes the oldest file out of the log if nothing needs it. From then on readers find that it
     * is gone, so it may be changed.
     */
    @Nullable WalFile retireOldest() {
        return locked(tail::retireOldest);
    }

    WalStream attach(VolumeId id, Lineage lineage, long epoch, long lastLsn, WalSink sink)
            throws StorageException {
        lock.lock();
        try {
            state.check();
            VolumeState volume = volume(id);
            if (volume.stream != null) {
                throw new IllegalStateException("volume " + id + " is attached already");
            }
            WalStream stream = new WalStream(this, volume, epoch, lastLsn, sink);
            volume.stream = stream;
            volume.continues(lineage);
            volume.isBorrowed = false;
            return stream;
        } finally {
            lock.unlock();
        }
    }

    void detach(WalStream stream, VolumeState volume) {
        lock.lock();
        try {
            if (volume.stream == stream) {
                volume.stream = null;
            }
        } finally {
            lock.unlock();
        }
        state.room.signalAll();
    }

    /** Whoever waits for room looks again whether it may go on. */
    void wakeWaiting() {
        state.room.signalAll();
    }

    void committed(VolumeState volume, long lsn) {
        volume.committedUpTo(lsn);
        state.changed();
    }

    void borrow(VolumeId id) {
        lock.lock();
        try {
            VolumeState volume = volume(id);
            if (volume.stream != null) {
                throw new IllegalStateException("volume " + id + " is attached");
            }
            volume.isBorrowed = true;
        } finally {
            lock.unlock();
        }
    }

    void giveBack(VolumeId id) {
        lock.lock();
        try {
            VolumeState volume = volumes.get(id.value());
            if (volume != null) {
                volume.isBorrowed = false;
            }
        } finally {
            lock.unlock();
        }
        state.changed();
    }

    /** Nothing that the volume has in the log is needed any more. */
    void discard(VolumeId id) throws StorageException {
        lock.lock();
        try {
            VolumeState volume = volumes.get(id.value());
            if (volume != null) {
                if (volume.stream != null) {
                    throw new IllegalStateException("volume " + id + " is attached");
                }
                for (WalFile file : tail.live()) {
                    file.forget(id.value());
                }
                volumes.remove(id.value());
            }
        } finally {
            lock.unlock();
        }
        state.changed();
    }

    /** What it has of before another host had it is not needed any more; it may be attached. */
    void discardLeftOver(VolumeId id) {
        lock.lock();
        try {
            volume(id).discardLeftOver();
        } finally {
            lock.unlock();
        }
        state.changed();
    }

    List<WalFileInfo> describe() {
        return locked(tail::describe);
    }

    /** Closes what is open; nothing uses it any more. */
    void closeFiles(Consumer<WalFile> closer) {
        lock.lock();
        try {
            tail.closeFiles(closer);
        } finally {
            lock.unlock();
        }
    }

    static LocalStorageException endOfLife() {
        return new LocalStorageException(
                "the log has used up its 32 PiB of positions: upload all volumes, then start with"
                        + " an empty log directory",
                new IOException("end of positions"));
    }

    static VolumeClosedException detached(VolumeId id) {
        return new VolumeClosedException("volume " + id + " is detached from the log");
    }
}
