package io.lsmbd.volume;

import io.lsmbd.error.StorageException;
import io.lsmbd.model.Sectors;
import io.lsmbd.read.Holes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * A disk: {@code sizeBytes} bytes, initially zero. Ranges are in bytes, within the volume (callers
 * check; a violation is an IllegalArgumentException), at any alignment, but only whole sectors
 * avoid a read-modify-write. Thread-safe. Reads see every write that has returned. Once a call has
 * failed for good (fenced, corrupt) every later one fails with that cause.
 */
public interface BlockVolume {
    /** The most that one {@link #write} takes, the whole of the sectors at its edges counted. */
    int MAX_WRITE_BYTES = 64 << 20;

    /** How many bytes of whole sectors the range touches. */
    static long wholeSectorBytes(long offsetBytes, long lengthBytes) {
        long inSector = offsetBytes % Sectors.BYTES;
        return Math.ceilDiv(inSector + lengthBytes, Sectors.BYTES) * Sectors.BYTES;
    }

    String name();

    long sizeBytes();

    boolean isReadOnly();

    /**
     * Whether a {@link #write} of so many sector-aligned bytes would return without waiting: no
     * back-pressure just now. Event loops ask this first and leave the rest to a thread that may
     * wait.
     */
    boolean acceptsWithoutWaiting(int lengthBytes);

    /**
     * Writes the remaining bytes of {@code payload}, in order, at {@code offsetBytes}. On return
     * they are in the local log and survive the death of the process; {@link #flush} makes them
     * survive more. Waits under back-pressure. The buffers are the caller's; they are consumed and
     * not kept. {@code count} of the array's buffers are used.
     *
     * @throws IllegalArgumentException if that touches more than {@value #MAX_WRITE_BYTES} bytes of
     *     whole sectors, which is what a segment can hold; nothing is written then
     */
    void write(long offsetBytes, ByteBuffer[] payload, int count) throws StorageException;

    /**
     * Writes all of them in one piece and in their order, as {@link #write} would, if nothing of
     * that has to wait. For event loops: never waits for more than a memory operation or one
     * page-cache write.
     *
     * @return false if it would have to wait; nothing is written then, the buffers are left as they
     *     are
     * @throws StorageException as for {@link #write}; a first part may be written
     */
    default boolean tryWrite(WriteBatch batch) throws StorageException {
        if (!acceptsWithoutWaiting(batch.totalBytes())) {
            return false;
        }
        for (int i = 0; i < batch.size(); i++) {
            int first = batch.firstBuffer(i);
            int count = batch.bufferCount(i);
            write(
                    batch.offset(i),
                    Arrays.copyOfRange(batch.buffers(), first, first + count),
                    count);
        }
        return true;
    }

    /** As {@link #trim}, of whole sectors, if nothing has to wait; else does nothing. */
    default boolean tryTrim(long offsetBytes, long lengthBytes) throws StorageException {
        if (!acceptsWithoutWaiting(0)) {
            return false;
        }
        trim(offsetBytes, lengthBytes);
        return true;
    }

    /** As {@link #writeZeroes}, of whole sectors, if nothing has to wait; else does nothing. */
    default boolean tryWriteZeroes(long offsetBytes, long lengthBytes) throws StorageException {
        if (!acceptsWithoutWaiting(0)) {
            return false;
        }
        writeZeroes(offsetBytes, lengthBytes);
        return true;
    }

    /** Makes the range read as zeroes and frees its space: O(1) for any whole-sector length. */
    void trim(long offsetBytes, long lengthBytes) throws StorageException;

    /** Makes the range read as zeroes, as fast as {@link #trim}; logged, replayed like a write. */
    void writeZeroes(long offsetBytes, long lengthBytes) throws StorageException;

    /**
     * Makes every write that returned before this call durable as the volume's durability promises.
     * Never blocks; {@code completion} may be told on the caller's thread if nothing is to be done.
     */
    void flush(Completion completion);

    /**
     * Fills {@code into} (remaining bytes) and tells which of them are holes, if all of it is in
     * memory or the log's page cache; else returns false and leaves contents of {@code into}
     * undefined with its position unchanged. Never waits for a disk or the store.
     *
     * @throws StorageException as for {@link #read}
     */
    boolean readWithoutWaiting(long offsetBytes, ByteBuffer into, Holes holes)
            throws StorageException;

    /**
     * Fills {@code into} (remaining bytes), with zeroes where there are holes, and tells where that
     * is as far as it is known: at byte alignment nothing is. May wait for disk and store.
     *
     * @param isWanted whether anybody still waits for it: a store that is away is not waited for
     *     any longer then
     * @throws StorageException if some of it cannot be had; what is before the position of {@code
     *     into} is right, holes included
     */
    void read(long offsetBytes, ByteBuffer into, Holes holes, BooleanSupplier isWanted)
            throws StorageException;

    /** As the other, for those who wait. */
    default void read(long offsetBytes, ByteBuffer into, Holes holes) throws StorageException {
        read(offsetBytes, into, holes, () -> true);
    }

    /**
     * Brings the range into the caches, as much of it as they hold and for as long as {@code
     * isWanted}; may wait.
     */
    void cache(long offsetBytes, long lengthBytes, BooleanSupplier isWanted)
            throws StorageException;

    /**
     * Tells runs that cover the range from its start; neighbours of equal allocation come merged;
     * stops when the visitor says so, or early, after at least one run, where there is very much to
     * look at. May wait.
     */
    void allocation(long offsetBytes, long lengthBytes, AllocationVisitor visitor)
            throws StorageException;

    /** As {@link #allocation}, for where the data are just now. */
    void locate(long offsetBytes, long lengthBytes, LocationVisitor visitor)
            throws StorageException;
}
