package io.lsmbd.env;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A directory of the local file system. */
public final class SystemLogDirectory implements LogDirectory {
    private final Path directory;
    private final Set<StandardOpenOption> access;

    private SystemLogDirectory(Path directory, Set<StandardOpenOption> access) {
        this.directory = directory;
        this.access = access;
    }

    /** Opens, and creates if absent, syncing every parent entry that it had to create. */
    public static SystemLogDirectory open(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        createDurably(absolute);
        return new SystemLogDirectory(
                absolute, EnumSet.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    /**
     * Opens what is there, to be looked at only: whatever would change it or make it durable is an
     * IOException, or a {@link java.nio.channels.NonWritableChannelException} for an open file.
     *
     * @throws NotDirectoryException if it is no directory, or not there
     */
    public static SystemLogDirectory openReadOnly(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        if (!Files.isDirectory(absolute)) {
            throw new NotDirectoryException(absolute.toString());
        }
        return new SystemLogDirectory(absolute, EnumSet.of(StandardOpenOption.READ));
    }

    private void checkWritable(String doing) throws IOException {
        if (!access.contains(StandardOpenOption.WRITE)) {
            throw new IOException(
                    "%s in %s: it was opened for reading only".formatted(doing, directory));
        }
    }

    private static void createDurably(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = directory.getParent();
        if (parent != null) {
            createDurably(parent);
        }
        Files.createDirectories(directory);
        if (parent != null) {
            syncDirectory(parent);
        }
    }

    /** fsync of a directory: the only thing that makes its entries survive a power loss. */
    public static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public String path() {
        return directory.toString();
    }

    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @Override
    public LogFile open(String name) throws IOException {
        return new SystemLogFile(name, FileChannel.open(directory.resolve(name), access));
    }

    @Override
    public LogFile create(String name) throws IOException {
        checkWritable("creating " + name);
        return new SystemLogFile(
                name,
                FileChannel.open(
                        directory.resolve(name),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        checkWritable("renaming " + from);
        Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(String name) throws IOException {
        checkWritable("deleting " + name);
        Files.delete(directory.resolve(name));
    }

    @Override
    public void sync() throws IOException {
        checkWritable("syncing");
        syncDirectory(directory);
    }

    private static final class SystemLogFile implements LogFile {
        private static final int ZEROES = 1 << 20;
        private final String name;
        private final FileChannel channel;

        SystemLogFile(String name, FileChannel channel) {
            this.name = name;
            this.channel = channel;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        /**
         * Positioned gathering: the JDK gathers only at the channel's own position, so that is
         * moved first; writers of one file must take turns (the WAL's append lock), readers may
         * come at any time.
         */
        @Override
        public void write(long position, ByteBuffer[] buffers, int count) throws IOException {
            if (count == 1) {
                long at = position;
                while (buffers[0].hasRemaining()) {
                    at += channel.write(buffers[0], at);
                }
                return;
            }
            channel.position(position);
            int first = 0;
            while (first < count) {
                if (buffers[first].hasRemaining()) {
                    channel.write(buffers, first, count - first);
                } else {
                    first++;
                }
            }
        }

        @Override
        public int read(long position, ByteBuffer into) throws IOException {
            int total = 0;
            while (into.hasRemaining()) {
                int count = channel.read(into, position + total);
                if (count < 0) {
                    break;
                }
                total += count;
            }
            return total;
        }

        @Override
        public void sync() throws IOException {
            channel.force(false);
        }

        @Override
        public void preallocate(long bytes) throws IOException {
            ByteBuffer zeroes = ByteBuffer.allocateDirect(ZEROES);
            for (long at = channel.size(); at < bytes; at += zeroes.limit()) {
                zeroes.clear().limit((int) Math.min(ZEROES, bytes - at));
                write(at, zeroes);
            }
            channel.force(true);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
