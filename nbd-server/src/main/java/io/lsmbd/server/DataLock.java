package io.lsmbd.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One daemon per data directory: an advisory lock on its file {@code lock}, which the kernel frees
 * when the process ends in whatever way. The file's content is the owner's process id, for people.
 */
final class DataLock implements AutoCloseable {
    private static final String FILE = "lock";
    private final FileChannel channel;

    private DataLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Creates the directory if there is none. */
    static DataLock take(Path directory) throws StartException {
        try {
            Files.createDirectories(directory);
            FileChannel channel =
                    FileChannel.open(
                            directory.resolve(FILE),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                String owner = read(channel);
                channel.close();
                throw new StartException(
                        ("data.dir %s is in use by another lsmbd (process %s); stop that one or "
                                        + "give this one its own --data-dir")
                                .formatted(directory, owner));
            }
            channel.truncate(0);
            String pid = ProcessHandle.current().pid() + "\n";
            channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
            return new DataLock(channel);
        } catch (IOException e) {
            throw new StartException(
                    ("cannot use data.dir %s: %s; make it writable, or choose another with "
                                    + "--data-dir")
                            .formatted(directory, e),
                    e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(32);
        int length = channel.read(content, 0);
        return new String(content.array(), 0, Math.max(0, length), StandardCharsets.US_ASCII)
                .strip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
