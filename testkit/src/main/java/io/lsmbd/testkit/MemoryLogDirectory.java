package io.lsmbd.testkit;

import io.lsmbd.env.LogDirectory;
import io.lsmbd.env.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A local directory with a page cache that can be lost. Written sectors are durable once their file
 * is synced, entries once the directory is; {@link #afterPowerLoss} gives what a disk might hold:
 * each un-synced sector kept or lost by chance, entries as of the last sync or as of now.
 */
public final class MemoryLogDirectory implements LogDirectory {
    private static final int SECTOR = 512;

    private final Object lock = new Object();
    private final TreeMap<String, Inode> entries = new TreeMap<>();
    private TreeMap<String, Inode> durableEntries = new TreeMap<>();

    private static final class Inode {
        private byte[] content = new byte[0];
        private byte[] durable = new byte[0];
        private final Set<Integer> unsynced = new HashSet<>();

        Inode copy() {
            Inode out = new Inode();
            out.content = content.clone();
            out.durable = durable.clone();
            out.unsynced.addAll(unsynced);
            return out;
        }

        void resize(int size) {
            if (size > content.length) {
                content = java.util.Arrays.copyOf(content, size);
            }
        }
    }

    /** What is found after the host lost power: a new directory, this one stays as it is. */
    public MemoryLogDirectory afterPowerLoss(RandomGenerator random) {
        synchronized (lock) {
            boolean entriesSurvive = random.nextBoolean();
            double keep = random.nextInt(4) / 3.0;
            Map<Inode, Inode> survivors = new HashMap<>();
            MemoryLogDirectory out = new MemoryLogDirectory();
            (entriesSurvive ? entries : durableEntries)
                    .forEach((name, inode) ->
                            out.entries.put(
                                    name,
                                    survivors.computeIfAbsent(
                                            inode, old -> survivor(old, keep, random))));
            out.durableEntries = new TreeMap<>(out.entries);
            return out;
        }
    }

    /** What the next process finds after this one died now: everything, the page cache lives on. */
    public MemoryLogDirectory afterProcessDeath() {
        synchronized (lock) {
            MemoryLogDirectory out = new MemoryLogDirectory();
            Map<Inode, Inode> copies = new HashMap<>();
            entries.forEach((name, inode) ->
                    out.entries.put(name, copies.computeIfAbsent(inode, Inode::copy)));
            durableEntries.forEach((name, inode) ->
                    out.durableEntries.put(name, copies.computeIfAbsent(inode, Inode::copy)));
            return out;
        }
    }

    private static Inode survivor(Inode old, double keep, RandomGenerator random) {
        Inode out = new Inode();
        out.content = old.durable.clone();
        for (int sector : old.unsynced.stream().sorted().toList()) {
            if (random.nextDouble() < keep) {
                int from = sector * SECTOR;
                int to = Math.min(from + SECTOR, old.content.length);
                out.resize(to);
                System.arraycopy(old.content, from, out.content, from, to - from);
            }
        }
        out.durable = out.content.clone();
        return out;
    }

    @Override
    public String path() {
        return "memory";
    }

    @Override
    public List<String> list() {
        synchronized (lock) {
            return new ArrayList<>(entries.keySet());
        }
    }

    @Override
    public LogFile open(String name) throws IOException {
        synchronized (lock) {
            return new MemoryLogFile(name, require(name));
        }
    }

    private Inode require(String name) throws IOException {
        Inode inode = entries.get(name);
        if (inode == null) {
            throw new NoSuchFileException(name);
        }
        return inode;
    }

    @Override
    public LogFile create(String name) throws IOException {
        synchronized (lock) {
            Inode inode = new Inode();
            @Nullable Inode there = entries.putIfAbsent(name, inode);
            if (there != null) {
                throw new FileAlreadyExistsException(name);
            }
            return new MemoryLogFile(name, inode);
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        synchronized (lock) {
            entries.put(to, require(from));
            entries.remove(from);
        }
    }

    @Override
    public void delete(String name) throws IOException {
        synchronized (lock) {
            require(name);
            entries.remove(name);
        }
    }

    @Override
    public void sync() {
        synchronized (lock) {
            durableEntries = new TreeMap<>(entries);
        }
    }

    /** Flips one bit of a file, durably. */
    public void flipBit(String name, long bit) throws IOException {
        synchronized (lock) {
            Inode inode = require(name);
            int at = Math.toIntExact(bit / 8);
            inode.content[at] ^= (byte) (1 << (bit % 8));
            inode.durable = inode.content.clone();
        }
    }

    private final class MemoryLogFile implements LogFile {
        private final String name;
        private final Inode inode;

        MemoryLogFile(String name, Inode inode) {
            this.name = name;
            this.inode = inode;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public long size() {
            synchronized (lock) {
                return inode.content.length;
            }
        }

        @Override
        public void write(long position, ByteBuffer[] buffers, int count) {
            synchronized (lock) {
                int at = Math.toIntExact(position);
                for (int i = 0; i < count; i++) {
                    int length = buffers[i].remaining();
                    inode.resize(at + length);
                    buffers[i].get(inode.content, at, length);
                    for (int s = at / SECTOR; s * SECTOR < at + length; s++) {
                        inode.unsynced.add(s);
                    }
                    at += length;
                }
            }
        }

        @Override
        public int read(long position, ByteBuffer into) {
            synchronized (lock) {
                int count = (int) Math.min(into.remaining(), inode.content.length - position);
                if (count <= 0) {
                    return 0;
                }
                into.put(inode.content, Math.toIntExact(position), count);
                return count;
            }
        }

        @Override
        public void sync() {
            synchronized (lock) {
                inode.durable = inode.content.clone();
                inode.unsynced.clear();
            }
        }

        @Override
        public void preallocate(long bytes) {
            synchronized (lock) {
                inode.resize(Math.toIntExact(bytes));
                inode.durable = inode.content.clone();
                inode.unsynced.clear();
            }
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
