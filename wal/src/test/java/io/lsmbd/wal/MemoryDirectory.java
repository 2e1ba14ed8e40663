package io.lsmbd.wal;

import io.lsmbd.env.LogDirectory;
import io.lsmbd.env.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * A directory in memory that knows what would survive a power loss: synced pages, and of the others
 * some, torn at sectors; synced names, and of later renames a first part. Can be told to fail, or
 * to die, at any operation. Thread-safe.
 */
final class MemoryDirectory implements LogDirectory {
    private static final int PAGE = 4096;
    private static final int SECTOR = 512;

    /** Thrown by every operation from the chosen one on: the process is dead. */
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** What an operation does. */
    enum Operation {
        WRITE,
        SYNC,
        RENAME,
        CREATE,
        DELETE,
        SYNC_DIRECTORY
    }

    /** Decides that an operation fails. */
    @FunctionalInterface
    interface Fault {
        boolean fails(Operation operation, String name);
    }

    private static final class Inode {
        byte[] bytes = new byte[0];
        byte[] durable = new byte[0];
        final BitSet dirty = new BitSet();
    }

    private TreeMap<String, Inode> names = new TreeMap<>();
    private TreeMap<String, Inode> durableNames = new TreeMap<>();
    private final List<TreeMap<String, Inode>> unsyncedNames = new ArrayList<>();
    private Fault fault = (_, _) -> false;
    private long operationsLeft = Long.MAX_VALUE;
    private long operations;

    synchronized void failWhen(Fault newFault) {
        fault = newFault;
    }

    /** Dies before the operation after so many more. */
    synchronized void killAfter(long moreOperations) {
        operationsLeft = moreOperations;
    }

    synchronized long operations() {
        return operations;
    }

    private void step(Operation operation, String name) throws IOException {
        if (operationsLeft <= 0) {
            throw new Killed();
        }
        operationsLeft--;
        operations++;
        if (fault.fails(operation, name)) {
            throw new IOException("injected failure of " + operation + " " + name);
        }
    }

    /** What the next process finds if this one dies now and the host runs on. */
    synchronized MemoryDirectory afterKill() {
        MemoryDirectory next = new MemoryDirectory();
        Map<Inode, Inode> copies = new HashMap<>();
        names.forEach((name, inode) -> next.names.put(name, copy(inode, copies)));
        durableNames.forEach((name, inode) -> next.durableNames.put(name, copy(inode, copies)));
        for (TreeMap<String, Inode> unsynced : unsyncedNames) {
            TreeMap<String, Inode> copy = new TreeMap<>();
            unsynced.forEach((name, inode) -> copy.put(name, copy(inode, copies)));
            next.unsyncedNames.add(copy);
        }
        return next;
    }

    private static Inode copy(Inode inode, Map<Inode, Inode> copies) {
        return copies.computeIfAbsent(
                inode,
                it -> {
                    Inode copy = new Inode();
                    copy.bytes = it.bytes.clone();
                    copy.durable = it.durable.clone();
                    copy.dirty.or(it.dirty);
                    return copy;
                });
    }

    /** What the next boot finds if power fails now. */
    synchronized MemoryDirectory afterPowerLoss(RandomGenerator random) {
        MemoryDirectory next = new MemoryDirectory();
        int survived = random.nextInt(unsyncedNames.size() + 1);
        var source = survived == 0 ? durableNames : unsyncedNames.get(survived - 1);
        // Pages that reached the disk by themselves: all, none, or any.
        double kept = new double[] {0, 0.2, 0.5, 0.8, 1}[random.nextInt(5)];
        source.forEach((name, inode) -> {
            Inode after = new Inode();
            after.bytes = survivors(inode, kept, random);
            after.durable = after.bytes.clone();
            next.names.put(name, after);
        });
        next.durableNames = new TreeMap<>(next.names);
        return next;
    }

    private static byte[] survivors(Inode inode, double kept, RandomGenerator random) {
        byte[] out = Arrays.copyOf(inode.durable, inode.bytes.length);
        for (int page = inode.dirty.nextSetBit(0);
                page >= 0;
                page = inode.dirty.nextSetBit(page + 1)) {
            boolean torn = random.nextInt(4) == 0;
            boolean whole = random.nextDouble() < kept;
            int end = Math.min(out.length, (page + 1) * PAGE);
            for (int at = page * PAGE; at < end; at += SECTOR) {
                if (torn ? random.nextBoolean() : whole) {
                    int length = Math.min(SECTOR, end - at);
                    System.arraycopy(inode.bytes, at, out, at, length);
                }
            }
        }
        return out;
    }

    private Inode inode(String name) {
        return Objects.requireNonNull(names.get(name), name);
    }

    /** The bytes of a file, to look at. */
    synchronized byte[] bytes(String name) {
        return inode(name).bytes.clone();
    }

    /** Changes a file behind everyone's back; what is written counts as being on disk. */
    synchronized void overwrite(String name, byte[] bytes) {
        Inode inode = inode(name);
        inode.bytes = bytes.clone();
        inode.durable = bytes.clone();
        inode.dirty.clear();
    }

    synchronized void flipBit(String name, long bit) {
        Inode inode = inode(name);
        inode.bytes[(int) (bit >> 3)] ^= (byte) (1 << (bit & 7));
    }

    synchronized void put(String name, byte[] bytes) {
        Inode inode = new Inode();
        names.put(name, inode);
        durableNames.put(name, inode);
        overwrite(name, bytes);
    }

    @Override
    public String path() {
        return "memory";
    }

    @Override
    public synchronized List<String> list() {
        return List.copyOf(names.keySet());
    }

    @Override
    public synchronized LogFile open(String name) throws IOException {
        Inode inode = names.get(name);
        if (inode == null) {
            throw new NoSuchFileException(name);
        }
        return new MemoryFile(name, inode);
    }

    @Override
    public synchronized LogFile create(String name) throws IOException {
        step(Operation.CREATE, name);
        if (names.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        names.put(name, new Inode());
        changed();
        return open(name);
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        step(Operation.RENAME, from);
        Inode inode = names.remove(from);
        if (inode == null) {
            throw new NoSuchFileException(from);
        }
        names.put(to, inode);
        changed();
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        step(Operation.DELETE, name);
        if (names.remove(name) == null) {
            throw new NoSuchFileException(name);
        }
        changed();
    }

    private void changed() {
        unsyncedNames.add(new TreeMap<>(names));
    }

    @Override
    public synchronized void sync() throws IOException {
        step(Operation.SYNC_DIRECTORY, "");
        durableNames = new TreeMap<>(names);
        unsyncedNames.clear();
    }

    private final class MemoryFile implements LogFile {
        private final String name;
        private final Inode inode;
        private volatile boolean isClosed;

        MemoryFile(String name, Inode inode) {
            this.name = name;
            this.inode = inode;
        }

        private void checkOpen() throws IOException {
            if (isClosed) {
                throw new java.nio.channels.ClosedChannelException();
            }
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public long size() throws IOException {
            synchronized (MemoryDirectory.this) {
                checkOpen();
                return inode.bytes.length;
            }
        }

        @Override
        public void write(long position, ByteBuffer[] buffers, int count) throws IOException {
            synchronized (MemoryDirectory.this) {
                checkOpen();
                int at = Math.toIntExact(position);
                if (operationsLeft == 0) {
                    writePart(at, buffers, count);
                }
                step(Operation.WRITE, name);
                for (int i = 0; i < count; i++) {
                    int length = buffers[i].remaining();
                    grow(at + length);
                    buffers[i].get(inode.bytes, at, length);
                    if (length > 0) {
                        inode.dirty.set(at / PAGE, (at + length - 1) / PAGE + 1);
                    }
                    at += length;
                }
            }
        }

        /** The process dies in the middle of a write. */
        private void writePart(int position, ByteBuffer[] buffers, int count) {
            operationsLeft--;
            int left = 0;
            for (int i = 0; i < count; i++) {
                left += buffers[i].remaining();
            }
            left -= left / 4;
            int at = position;
            for (int i = 0; i < count && left > 0; i++) {
                int length = Math.min(left, buffers[i].remaining());
                grow(at + length);
                buffers[i].duplicate().get(inode.bytes, at, length);
                at += length;
                left -= length;
            }
            inode.dirty.set(position / PAGE, at / PAGE + 1);
        }

        private void grow(int length) {
            if (length > inode.bytes.length) {
                inode.bytes = Arrays.copyOf(inode.bytes, length);
            }
        }

        @Override
        public int read(long position, ByteBuffer into) throws IOException {
            synchronized (MemoryDirectory.this) {
                checkOpen();
                int at = Math.toIntExact(position);
                int count = Math.clamp((long) inode.bytes.length - at, 0, into.remaining());
                if (count > 0) {
                    into.put(inode.bytes, at, count);
                }
                return count;
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (MemoryDirectory.this) {
                checkOpen();
                step(Operation.SYNC, name);
                inode.durable = inode.bytes.clone();
                inode.dirty.clear();
            }
        }

        @Override
        public void preallocate(long bytes) throws IOException {
            synchronized (MemoryDirectory.this) {
                checkOpen();
                grow(Math.toIntExact(bytes));
            }
            sync();
        }

        @Override
        public void close() {
            isClosed = true;
        }
    }
}
