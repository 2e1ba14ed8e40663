package io.lsmbd.wal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.model.VolumeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The tail of the log and the lock that guards it, along with everything the tail's growth changes:
 * the list of files, what volumes have in them, the streams.
 *
 * <p>An append: 1. the group's checksums, without the lock; 2. under it: room in the current file,
 * or the next one prepared; 3. LSNs, headers, one gathered write into the page cache; 4. the
 * position advances; 5. the volume's sink learns the locations. A failure in 3 poisons the log.
 */
final class WalAppender {
    /** No record's LSN: those begin at 1. */
    private static final long REFUSED = 0;

    private final ReentrantLock lock = new ReentrantLock();
    private final LogState state;
    private final long fileSize;
    private final long budget;
    private final Pool<AppendGroup> groups = new Pool<>(AppendGroup::new);

    @GuardedBy("lock")
    private final Map<Long, VolumeState> volumes;

    @GuardedBy("lock")
    private final ArrayDeque<WalFile> prepared = new ArrayDeque<>();

    @GuardedBy("lock")
    private final ByteBuffer endRecord =
            ByteBuffer.allocateDirect(RecordFormat.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    @GuardedBy("lock")
    private final CRC32C endCrc = new CRC32C();

    /** Files with records, oldest first, the last is appended to. Replaced, never changed. */
    private volatile WalFile[] live; // written under lock

    private volatile int preparedCount; // written under lock
    private final AtomicLong recordsAppended = new AtomicLong(); // written under lock
    private final AtomicLong bytesAppended = new AtomicLong(); // written under lock

    WalAppender(
            LogState state, WalConfig config, List<WalFile> files, Map<Long, VolumeState> volumes) {
        this.state = state;
        this.volumes = new HashMap<>(volumes);
        this.fileSize = config.fileSize().bytes();
        this.budget = config.budget().bytes();
        this.live = files.toArray(WalFile[]::new);
    }

    WalFile[] live() {
        return live;
    }

    long recordsAppended() {
        return recordsAppended.get();
    }

    long bytesAppended() {
        return bytesAppended.get();
    }

    int preparedCount() {
        return preparedCount;
    }

    /** Full size of the files that hold records, the last one's part that is used. */
    long usedBytes() {
        WalFile[] files = live;
        long used = state.appended() - files[files.length - 1].base();
        for (int i = 0; i < files.length - 1; i++) {
            used += files[i].header.size();
        }
        return used;
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

    /** Appends the payload and returns its last record's LSN. */
    long write(WalStream stream, long lba, ByteBuffer[] payload, int count)
            throws StorageException {
        AppendGroup group = groups.take();
        try {
            int maxRecords = maxRecords();
            long at = lba;
            long lsn = 0;
            group.beginWrite();
            group.fill(at, payload, count, maxRecords);
            while (group.records() > 0) {
                lsn = append(stream, group);
                for (int i = 0; i < group.records(); i++) {
                    at += group.sectors(i);
                }
                group.fill(at, payload, count, maxRecords);
            }
            return lsn;
        } finally {
            group.release();
            groups.give(group);
        }
    }

    /** Appends the payload, of one group at most, if the condition holds under the append lock. */
    boolean writeIf(
            BooleanSupplier condition, WalStream stream, long lba, ByteBuffer[] payload, int count)
            throws StorageException {
        AppendGroup group = groups.take();
        try {
            group.beginWrite();
            group.fill(lba, payload, count, maxRecords());
            return append(stream, group, condition) != REFUSED;
        } finally {
            group.release();
            groups.give(group);
        }
    }

    private int maxRecords() {
        long fullRecord = RecordFormat.HEADER_BYTES + (long) WalLocation.MAX_RECORD_BYTES;
        long room = fileSize - FileFormat.HEADER_BYTES - RecordFormat.HEADER_BYTES;
        return (int) Math.min(AppendGroup.MAX_RECORDS, room / fullRecord);
    }

    /** Appends a record without payload and returns its LSN. */
    long hole(WalStream stream, WalKind kind, long lba, long sectors) throws StorageException {
        AppendGroup group = groups.take();
        try {
            group.fillHole(kind, lba, sectors);
            return append(stream, group);
        } finally {
            group.release();
            groups.give(group);
        }
    }

    private long append(WalStream stream, AppendGroup group) throws StorageException {
        return append(stream, group, WalAppender::always);
    }

    private static boolean always() {
        return true;
    }

    /** Returns the last record's LSN, or {@link #REFUSED} if the condition does not hold. */
    private long append(WalStream stream, AppendGroup group, BooleanSupplier condition)
            throws StorageException {
        while (true) {
            lock.lock();
            try {
                state.check();
                stream.check();
                if (!condition.getAsBoolean()) {
                    return REFUSED;
                }
                if (hasRoom(group.bytes()) || roll(withinBudget())) {
                    return appendHere(stream, group);
                }
            } finally {
                lock.unlock();
            }
            state.changed();
            state.room.await(() -> isRollable() || state.isOver() || !stream.isAttached());
        }
    }

    /** Whether an append of so many payload bytes would find room at once, as things stand. */
    boolean acceptsWithoutWaiting(long payloadBytes) {
        WalFile[] files = live;
        long records = Math.ceilDiv(payloadBytes, WalLocation.MAX_RECORD_BYTES);
        long wanted = payloadBytes + (records + 1) * RecordFormat.HEADER_BYTES;
        boolean fitsOneFile = wanted <= fileSize - FileFormat.HEADER_BYTES;
        return files[files.length - 1].header.limit() - state.appended() >= wanted
                || (fitsOneFile && isRollable());
    }

    private boolean isRollable() {
        return preparedCount > 0 && withinBudget();
    }

    private boolean withinBudget() {
        return (live.length + 1) * fileSize <= budget;
    }

    @GuardedBy("lock")
    private boolean hasRoom(long bytes) {
        return current().header.limit() - state.appended() >= bytes + RecordFormat.HEADER_BYTES;
    }

    @GuardedBy("lock")
    private WalFile current() {
        return live[live.length - 1];
    }

    /** Ends the current file and goes on in the next, if that is permitted and there is one. */
    @GuardedBy("lock")
    private boolean roll(boolean permitted) throws StorageException {
        if (!permitted || prepared.isEmpty()) {
            return false;
        }
        WalFile full = current();
        long position = state.appended();
        RecordFormat.encodeContent(endRecord, RecordFormat.END_KIND, 0, 0, 0);
        RecordFormat.encodeOwner(endRecord, 0, 0, 0, 0);
        RecordFormat.seal(endRecord, full.header.identityAt(position), state.synced(), endCrc);
        try {
            full.io.write(full.offset(position), endRecord);
        } catch (IOException e) {
            throw state.fail("end of " + full.name, e);
        }
        full.endAt(position + RecordFormat.HEADER_BYTES);
        WalFile next = prepared.remove();
        WalFile[] longer = Arrays.copyOf(live, live.length + 1);
        longer[live.length] = next;
        live = longer;
        preparedCount = prepared.size();
        state.appendedUpTo(next.header.firstRecord());
        state.changed();
        return true;
    }

    @GuardedBy("lock")
    private long appendHere(WalStream stream, AppendGroup group) throws StorageException {
        WalFile file = current();
        long firstLsn = stream.lastLsn() + 1;
        long position = put(file, group, new Owner(stream.volumeId(), stream.epoch(), firstLsn, 0));
        VolumeUse use = stream.useOf(file);
        long lba = group.lba();
        for (int i = 0; i < group.records(); i++) {
            long lsn = firstLsn + i;
            long sectors = group.sectors(i);
            file.count(use, lsn, group.length(i));
            stream.advanceTo(lsn);
            stream.sink()
                    .appended(
                            lsn,
                            group.kind(),
                            lba,
                            sectors,
                            WalLocation.of(group.kind(), position, sectors));
            lba += sectors;
            position += group.length(i);
        }
        return firstLsn + group.records() - 1;
    }

    /** Writes the group at the tail and returns where it begins. */
    @GuardedBy("lock")
    private long put(WalFile file, AppendGroup group, Owner owner) throws StorageException {
        long position = state.appended();
        group.seal(file.header, position, state.synced(), owner);
        try {
            file.io.write(file.offset(position), group.vector(), group.vectorSize());
        } catch (IOException e) {
            throw state.fail("append to " + file.name, e);
        }
        long end = position + group.bytes();
        file.endAt(end);
        recordsAppended.setRelease(recordsAppended.getPlain() + group.records());
        bytesAppended.setRelease(bytesAppended.getPlain() + group.bytes());
        // From here on a sync covers the records, and nothing overwrites them.
        state.appendedUpTo(end);
        return position;
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
        AppendGroup group = groups.take();
        if (record.kind().isHole()) {
            group.fillHole(record.kind(), record.lba(), record.sectors());
        } else {
            group.beginWrite();
            group.fill(record.lba(), new ByteBuffer[] {record.payload()}, 1, 1);
        }
        lock.lock();
        try {
            state.check();
            VolumeState volume = volumes.get(record.volume());
            if (volume == null || volume.isBorrowed) {
                return Copied.BORROWED;
            }
            if (!hasRoom(group.bytes()) && !roll(true)) {
                return Copied.NO_ROOM;
            }
            copyHere(record, group, volume);
            return Copied.COPIED;
        } finally {
            lock.unlock();
            group.release();
            groups.give(group);
        }
    }

    @GuardedBy("lock")
    private void copyHere(RecordScanner record, AppendGroup group, VolumeState volume)
            throws StorageException {
        WalFile file = current();
        long lsn = record.lsn();
        Owner owner = new Owner(record.volume(), record.epoch(), lsn, RecordFormat.FLAG_COPIED);
        long position = put(file, group, owner);
        file.count(file.use(volume), lsn, group.bytes());
        long from = record.location();
        long to = WalLocation.of(record.kind(), position, record.sectors());
        if (volume.recovered != null) {
            volume.recovered.relocate(record.epoch(), lsn, from, to);
        }
        if (volume.stream != null) {
            volume.stream.sink().relocated(lsn, record.lba(), record.sectors(), from, to);
        }
    }

    /**
     * The oldest file, if copying the records that pin it is worth it; else null. That is so if
     * they are less than half of it; or, once the budget is used up and appends wait, if they are
     * at most three quarters of the whole log, for then files that nothing needs lie behind this
     * one.
     */
    @Nullable WalFile oldestToCopy() {
        lock.lock();
        try {
            WalFile oldest = live[0];
            boolean isPossible =
                    live.length > 1
                            && oldest.end() <= state.synced()
                            && oldest.isPinned()
                            && !oldest.isPinnedByBorrower()
                            && !oldest.isDamaged;
            boolean isWorthIt =
                    2 * oldest.pinningBytes() < oldest.header.size()
                            || (!withinBudget() && 4 * allPinningBytes() <= 3 * usedBytes());
            return isPossible && isWorthIt ? oldest : null;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private long allPinningBytes() {
        long bytes = 0;
        for (WalFile file : live) {
            bytes += file.pinningBytes();
        }
        return bytes;
    }

    /** Whether the record is in no committed segment. */
    boolean isNeeded(WalFile file, RecordScanner record) {
        lock.lock();
        try {
            VolumeUse use = file.useOf(record.volume());
            return use != null && record.lsn() > use.volume.committed();
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
            prepared.add(file);
            preparedCount = prepared.size();
        } finally {
            lock.unlock();
        }
        state.room.signalAll();
    }

    /** The file that will be appended to after all others. */
    WalFile lastFile() {
        lock.lock();
        try {
            return prepared.isEmpty() ? current() : prepared.getLast();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the oldest file out of the log if nothing needs it. From then on readers find that it
     * is gone, so it may be changed.
     */
    @Nullable WalFile retireOldest() {
        lock.lock();
        try {
            WalFile oldest = live[0];
            if (live.length == 1 || !oldest.isRecyclable(state.synced())) {
                return null;
            }
            live = Arrays.copyOfRange(live, 1, live.length);
            return oldest;
        } finally {
            lock.unlock();
        }
    }

    WalStream attach(VolumeId id, long epoch, long lastLsn, WalSink sink) throws StorageException {
        lock.lock();
        try {
            state.check();
            VolumeState volume = volume(id);
            if (volume.stream != null) {
                throw new IllegalStateException("volume " + id + " is attached already");
            }
            WalStream stream = new WalStream(this, volume, epoch, lastLsn, sink);
            volume.stream = stream;
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
                for (WalFile file : live) {
                    file.forget(id.value());
                }
                volumes.remove(id.value());
            }
        } finally {
            lock.unlock();
        }
        state.changed();
    }

    List<WalFileInfo> describe() {
        lock.lock();
        try {
            return Arrays.stream(live).map(WalAppender::describe).toList();
        } finally {
            lock.unlock();
        }
    }

    private static WalFileInfo describe(WalFile file) {
        return new WalFileInfo(
                file.name,
                file.header.sequence(),
                file.base(),
                file.usedBytes(),
                file.records(),
                file.uses().stream()
                        .filter(VolumeUse::isPinning)
                        .map(use -> use.volume.id)
                        .sorted()
                        .toList());
    }

    /** Closes what is open; nothing uses it any more. */
    void closeFiles(Consumer<WalFile> closer) {
        lock.lock();
        try {
            prepared.forEach(closer);
            prepared.clear();
            preparedCount = 0;
            Arrays.asList(live).forEach(closer);
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
