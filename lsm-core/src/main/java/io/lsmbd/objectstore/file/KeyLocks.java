package io.lsmbd.objectstore.file;

import io.lsmbd.objectstore.ObjectKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mutual exclusion between all processes that have the same folder open. The file lock keeps other
 * processes out. It does not keep out other threads of this one, so an in-process lock is taken
 * first; and POSIX drops a process's lock as soon as the process closes any descriptor of the lock
 * file, so a lock file is opened and closed only under that in-process lock.
 */
final class KeyLocks {
    private static final Logger LOG = LoggerFactory.getLogger(KeyLocks.class);
    private static final int STRIPES = 256;
    private static final String SESSIONS = "sessions";

    /*
     * Static, because file locks belong to the process: two stores on one folder in one process
     * must share these. Held across I/O, which is what they are for; leaf locks.
     */
    private static final ReentrantLock[] STRIPE_LOCKS =
            Stream.generate(ReentrantLock::new).limit(STRIPES).toArray(ReentrantLock[]::new);
    private static final ReentrantLock SESSIONS_LOCK = new ReentrantLock();

    private final Path folder;

    KeyLocks(Path folder) {
        this.folder = folder;
    }

    /** What is done under a lock. */
    @FunctionalInterface
    interface Action<T> {
        T run() throws IOException;
    }

    <T> T whileHolding(ObjectKey key, Action<T> action) throws IOException {
        int stripe = Math.floorMod(key.value().hashCode(), STRIPES);
        return exclusively(STRIPE_LOCKS[stripe], "%02x".formatted(stripe), action);
    }

    <T> T whileHoldingSessions(Action<T> action) throws IOException {
        return exclusively(SESSIONS_LOCK, SESSIONS, action);
    }

    /**
     * What fails after the action, in giving the lock back, is not the action's failure: a put that
     * is done must not be reported as not done. Closing the file gives the lock back in any case.
     */
    private <T> T exclusively(ReentrantLock inProcess, String file, Action<T> action)
            throws IOException {
        inProcess.lock();
        try {
            FileChannel channel =
                    FileChannel.open(
                            folder.resolve(file),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            try {
                FileLock betweenProcesses = channel.lock();
                assert betweenProcesses.isValid();
                return action.run();
            } finally {
                close(channel);
            }
        } finally {
            inProcess.unlock();
        }
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("Could not close a lock file", e);
        }
    }
}
