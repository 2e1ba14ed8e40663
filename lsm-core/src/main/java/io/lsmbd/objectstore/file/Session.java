package io.lsmbd.objectstore.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One open store's folder of temporary files. It is alive exactly as long as its {@code alive} file
 * is locked; the kernel drops that lock with the process, so a dead session is known for certain.
 * Sessions of this very process are never probed: closing the probe would drop their lock.
 */
final class Session implements AutoCloseable {
    private static final String ALIVE = "alive";

    private final Path folder;
    private final FileChannel alive;
    private final AtomicLong nextFile = new AtomicLong();

    private Session(Path folder, FileChannel alive) {
        this.folder = folder;
        this.alive = alive;
    }

    /** The caller holds the sessions lock, so that nobody takes the new session for a dead one. */
    static Session begin(Path sessions) throws IOException {
        Path folder = Files.createTempDirectory(sessions, thisProcess());
        FileChannel alive =
                FileChannel.open(
                        folder.resolve(ALIVE),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE);
        FileLock lock = alive.lock();
        assert lock.isValid();
        return new Session(folder, alive);
    }

    /** Removes what crashed processes left. The caller holds the sessions lock. */
    static int removeDead(Path sessions) throws IOException {
        int removed = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(sessions)) {
            for (Path session : all) {
                if (isDead(session)) {
                    remove(session);
                    removed++;
                }
            }
        }
        return removed;
    }

    private static boolean isDead(Path session) throws IOException {
        if (session.getFileName().toString().startsWith(thisProcess())) {
            return false;
        }
        Path alive = session.resolve(ALIVE);
        try (FileChannel channel = FileChannel.open(alive, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (NoSuchFileException _) {
            // It died between creating its folder and its file, or while it was being removed.
            return Files.isDirectory(session);
        } catch (OverlappingFileLockException | FileSystemException _) {
            // Another user's, or no session at all: not ours to judge, so not ours to remove.
            return false;
        }
    }

    private static void remove(Path session) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(session)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(session);
    }

    /** A process number alone comes back, in containers at every start. */
    private static String thisProcess() {
        ProcessHandle process = ProcessHandle.current();
        long started = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return process.pid() + "-" + started + "-";
    }

    Path newFile() {
        return folder.resolve(Long.toString(nextFile.getAndIncrement()));
    }

    /** Differs between sessions as good as always. */
    int salt() {
        return folder.getFileName().toString().hashCode();
    }

    /** Whether the file system on which this session began is still mounted there. */
    boolean isReachable() {
        return Files.exists(folder.resolve(ALIVE));
    }

    @Override
    public void close() throws IOException {
        if (alive.isOpen()) {
            alive.close();
            remove(folder);
        }
    }
}
