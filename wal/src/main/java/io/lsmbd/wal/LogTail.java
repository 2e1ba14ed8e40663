package io.lsmbd.wal;

import io.lsmbd.error.StorageException;
import io.lsmbd.model.VolumeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The log's files and the place where it grows. Guarded by the append lock of {@link WalAppender},
 * but for what is said to need no lock.
 */
final class LogTail {
    private final LogState state;
    private final long fileSize;
    private final long budget;
    private final ArrayDeque<WalFile> prepared = new ArrayDeque<>();
    private final ByteBuffer endRecord =
            ByteBuffer.allocateDirect(RecordFormat.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C endCrc = new CRC32C();

    /** Files with records, oldest first, the last is appended to. Replaced, never changed. */
    private volatile WalFile[] live; // written under the append lock

    private volatile int preparedCount; // written under the append lock

    /** What begun requests of several groups are still going to append. */
    private final AtomicLong reserved = new AtomicLong(); // written under the append lock

    private final AtomicLong recordsAppended = new AtomicLong(); // written under the append lock
    private final AtomicLong bytesAppended = new AtomicLong(); // written under the append lock

    LogTail(LogState state, WalConfig config, List<WalFile> files) {
        this.state = state;
        this.fileSize = config.fileSize().bytes();
        this.budget = config.budget().bytes();
        this.live = files.toArray(WalFile[]::new);
    }

    /** Needs no lock. */
    WalFile[] live() {
        return live;
    }

    /** Needs no lock. */
    int preparedCount() {
        return preparedCount;
    }

    /** Needs no lock. */
    long recordsAppended() {
        return recordsAppended.get();
    }

    /** Needs no lock. */
    long bytesAppended() {
        return bytesAppended.get();
    }

    /** Full size of the files that hold records, the last one's part that is used. No lock. */
    long usedBytes() {
        WalFile[] files = live;
        long used = state.appended() - files[files.length - 1].base();
        for (int i = 0; i < files.length - 1; i++) {
            used += files[i].header.size();
        }
        return used;
    }

    /** A group may be no larger, or it would not fit into any file. Needs no lock. */
    long maxGroupBytes() {
        long room = fileSize - FileFormat.HEADER_BYTES - RecordFormat.HEADER_BYTES;
        return Math.min(AppendGroup.MAX_BYTES, room);
    }

    /** Whether so many bytes could be appended now, as things stand. Needs no lock. */
    boolean isOpenFor(long bytes) {
        return hasRoom(bytes) || (bytes <= maxGroupBytes() && isRollable());
    }

    /**
     * Whether a request of several groups, {@code firstBytes} the first, may begin. Once begun it
     * may go beyond the budget, for its volume's batch cannot become a segment before its end: so
     * all of it has to be within the budget beforehand, unless it is the only one. No lock.
     */
    boolean isOpenForLarge(long firstBytes, long allBytes) {
        long others = reserved.get();
        long left = budget - usedBytes() - others;
        return isOpenFor(firstBytes) && (others == 0 || allBytes <= left);
    }

    /** Whether the next part of a request that has begun could be appended. Needs no lock. */
    boolean isOpenForRest(long bytes) {
        return hasRoom(bytes) || preparedCount > 0;
    }

    void reserve(long bytes) {
        reserved.addAndGet(bytes);
    }

    private boolean isRollable() {
        return preparedCount > 0 && withinBudget();
    }

    /** Whether there may be one more file. Needs no lock. */
    boolean withinBudget() {
        return (live.length + 1) * fileSize + reserved.get() <= budget;
    }

    /** Whether the current file has room for so many bytes and its END record. Needs no lock. */
    boolean hasRoom(long bytes) {
        WalFile[] files = live;
        return files[files.length - 1].header.limit() - state.appended()
                >= bytes + RecordFormat.HEADER_BYTES;
    }

    WalFile current() {
        return live[live.length - 1];
    }

    /** Ends the current file and goes on in the next; false if there is none yet. */
    boolean roll() throws StorageException {
        if (prepared.isEmpty()) {
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

    /** Writes the group at the tail, where there is room, and returns where it begins. */
    long put(AppendGroup group, Owner owner) throws StorageException {
        WalFile file = current();
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

    /**
     * The oldest file, if copying the records that pin it is worth it; else null. That is so only
     * if what is needed is at most three quarters of the whole log, for then files that nothing
     * needs lie behind this one; in a log that is full of what is about to be uploaded a copy gains
     * nothing. Then either the copied records are less than half of the file, or the budget is used
     * up and appends wait.
     */
    @Nullable WalFile oldestToCopy() {
        WalFile oldest = live[0];
        boolean isPossible =
                live.length > 1
                        && oldest.end() <= state.synced()
                        && oldest.isPinned()
                        && !oldest.isPinnedByBorrower()
                        && !oldest.isDamaged;
        if (!isPossible) {
            return null;
        }
        boolean isWorthIt =
                4 * allPinningBytes() <= 3 * usedBytes()
                        && (2 * oldest.pinningBytes() < oldest.header.size() || !withinBudget());
        return isWorthIt ? oldest : null;
    }

    private long allPinningBytes() {
        long bytes = 0;
        for (WalFile file : live) {
            bytes += file.pinningBytes();
        }
        return bytes;
    }

    /** What the volume has in the log of before another host had it, and no segment holds. */
    long leftOverBytes(VolumeId volume) {
        long bytes = 0;
        for (WalFile file : live) {
            VolumeUse use = file.useOf(volume.value());
            bytes += use == null ? 0 : use.leftOverBytes();
        }
        return bytes;
    }

    void addPrepared(WalFile file) {
        prepared.add(file);
        preparedCount = prepared.size();
    }

    /** The file that will be appended to after all others. */
    WalFile lastFile() {
        return prepared.isEmpty() ? current() : prepared.getLast();
    }

    /** Takes the oldest file out of the log if nothing needs it. */
    @Nullable WalFile retireOldest() {
        WalFile oldest = live[0];
        if (live.length == 1 || !oldest.isRecyclable(state.synced())) {
            return null;
        }
        live = Arrays.copyOfRange(live, 1, live.length);
        return oldest;
    }

    List<WalFileInfo> describe() {
        return Arrays.stream(live).map(LogTail::describe).toList();
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
        prepared.forEach(closer);
        prepared.clear();
        preparedCount = 0;
        Arrays.asList(live).forEach(closer);
    }
}
