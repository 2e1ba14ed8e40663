package io.lsmbd.localindex;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;

/**
 * Guards the native database: no call reaches it once it is closed, which would end the process;
 * every native failure becomes a {@link StorageException}; every value read is checked.
 */
final class IndexAccess {
    /** A native call that may fail. */
    private interface Call<T extends @Nullable Object> {
        T run(NativeDatabase database) throws RocksDBException, StorageException;
    }

    private final IndexFolder folder;
    private final NativeDatabase database;
    private final AtomicBoolean isDamaged = new AtomicBoolean();

    /**
     * Not mutual exclusion but lifetime: calls share it, {@link #close} waits for them. Held across
     * native I/O for that reason.
     */
    private final StampedLock life = new StampedLock();

    private boolean isClosed;

    IndexAccess(IndexFolder folder, NativeDatabase database) {
        this.folder = folder;
        this.database = database;
    }

    byte @Nullable [] get(Family family, byte[] key) throws StorageException {
        byte[] sealed =
                this.<byte @Nullable []>call("read", db -> db.db.get(db.handle(family), key));
        return sealed == null ? null : checked(family, key, sealed);
    }

    void put(Family family, byte[] key, byte[] value) throws StorageException {
        byte[] sealed = LocalIndexFormat.seal(key, value);
        run("write", db -> db.db.put(db.handle(family), db.writeOptions, key, sealed));
    }

    void delete(Family family, byte[] key) throws StorageException {
        run("write", db -> db.db.delete(db.handle(family), db.writeOptions, key));
    }

    void write(WriteBatch batch) throws StorageException {
        run("write", db -> db.db.write(db.writeOptions, batch));
    }

    /** Lets a batch take something in, which needs the open database's handles. */
    void collect(Action action) throws StorageException {
        run("collect changes for", action);
    }

    /** Visits keys in {@code [from, to)}; {@code to} null: to the end. */
    void scan(Family family, byte[] from, byte @Nullable [] to, KeyedVisitor visitor)
            throws StorageException {
        run("read", db -> scan(db, family, from, to, visitor));
    }

    private void scan(
            NativeDatabase db,
            Family family,
            byte[] from,
            byte @Nullable [] to,
            KeyedVisitor visitor)
            throws RocksDBException, StorageException {
        try (ReadOptions options = new ReadOptions();
                Slice end = to == null ? null : new Slice(to)) {
            if (end != null) {
                options.setIterateUpperBound(end);
            }
            try (RocksIterator it = db.db.newIterator(db.handle(family), options)) {
                it.seek(from);
                while (it.isValid()) {
                    byte[] key = it.key();
                    if (!visitor.visit(key, checked(family, key, it.value()))) {
                        return;
                    }
                    it.next();
                }
                it.status();
            }
        }
    }

    /** The first key in {@code [from, to)}, or null. Reads no value. */
    byte @Nullable [] firstKey(Family family, byte[] from, byte[] to) throws StorageException {
        return this.<byte @Nullable []>call(
                "read",
                db -> {
                    try (ReadOptions options = new ReadOptions();
                            Slice end = new Slice(to)) {
                        options.setIterateUpperBound(end);
                        try (RocksIterator it = db.db.newIterator(db.handle(family), options)) {
                            it.seek(from);
                            if (it.isValid()) {
                                return it.key();
                            }
                            it.status();
                            return null;
                        }
                    }
                });
    }

    /** Makes everything written so far survive a crash, all families at one point. */
    void flush() throws StorageException {
        run("flush", db -> db.db.flush(db.flushOptions, db.allHandles()));
    }

    /** Waits for running calls, flushes, closes. Later calls are refused. Idempotent. */
    void close() throws StorageException {
        StorageException failure = null;
        try {
            flush();
        } catch (VolumeClosedException _) {
            return;
        } catch (StorageException e) {
            failure = e;
        }
        long stamp = life.writeLock();
        try {
            if (!isClosed) {
                isClosed = true;
                database.close();
            }
        } finally {
            life.unlockWrite(stamp);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private byte[] checked(Family family, byte[] key, byte[] sealed) throws CorruptDataException {
        if (LocalIndexFormat.isIntact(key, sealed)) {
            return LocalIndexFormat.unseal(sealed);
        }
        String problem =
                "wrong checksum of the value of key %s in family %s"
                        .formatted(HexFormat.of().formatHex(key), family);
        noteDamage(problem);
        throw new CorruptDataException(where(), 0, problem);
    }

    /** A native call without a result. */
    interface Action {
        void run(NativeDatabase database) throws RocksDBException, StorageException;
    }

    private void run(String what, Action action) throws StorageException {
        this.<@Nullable Object>call(
                what,
                db -> {
                    action.run(db);
                    return null;
                });
    }

    private <T extends @Nullable Object> T call(String what, Call<T> call) throws StorageException {
        long stamp = life.readLock();
        try {
            if (isClosed) {
                throw new VolumeClosedException("the local index is closed: " + folder.path());
            }
            return call.run(database);
        } catch (RocksDBException e) {
            throw failure(what, e);
        } finally {
            life.unlockRead(stamp);
        }
    }

    private StorageException failure(String what, RocksDBException e) {
        if (isDamage(e)) {
            noteDamage(String.valueOf(e.getMessage()));
            return new CorruptDataException(where(), 0, e);
        }
        return new LocalStorageException(
                "cannot %s the local index %s: %s".formatted(what, folder.path(), e.getMessage()),
                e);
    }

    static boolean isDamage(RocksDBException e) {
        Status status = e.getStatus();
        return status != null && status.getCode() == Status.Code.Corruption;
    }

    private String where() {
        return "local index " + folder.path();
    }

    void noteDamage(String reason) {
        if (isDamaged.compareAndSet(false, true)) {
            folder.noteDamage(reason);
        }
    }
}
