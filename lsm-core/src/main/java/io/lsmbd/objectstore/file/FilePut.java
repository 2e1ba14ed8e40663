package io.lsmbd.objectstore.file;

import io.lsmbd.env.WallClock;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.objectstore.ETag;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps of a put, in the order that the package comment explains. */
final class FilePut {
    private static final Logger LOG = LoggerFactory.getLogger(FilePut.class);

    /** Room for a counter below the millisecond; see {@link FileVersion}. */
    private static final int NANOS_PER_MILLI = 1_000_000;

    /** Coarser than the time stamps of any file system. */
    private static final long COARSE_NANOS = TimeUnit.SECONDS.toNanos(4);

    private final Path root;
    private final KeyLocks locks;
    private final DurableFolders folders;
    private final Session session;
    private final WallClock clock;
    private final AtomicInteger counter;

    FilePut(Path root, KeyLocks locks, DurableFolders folders, Session session, WallClock clock) {
        this.root = root;
        this.locks = locks;
        this.folders = folders;
        this.session = session;
        this.clock = clock;
        this.counter = new AtomicInteger(session.salt());
    }

    /** Throws only if certainly nothing was stored. */
    PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
            throws IOException {
        Path path = FileNames.pathOf(root, key);
        Path temporary = session.newFile();
        try {
            if (isHopeless(path, condition)) {
                return new PutOutcome.ConditionFailed();
            }
            // 1 and 2: before any folder is made, so that nothing is ever made under an empty
            // mount point.
            writeDurably(temporary, body);
            folders.create(FileNames.folderOf(root, key));
            // 3 and 4
            return switch (condition) {
                case PutCondition.IfAbsent _ -> link(key, temporary, path);
                case PutCondition.IfMatches(ETag expected) ->
                        locks.whileHolding(key, () -> swap(temporary, path, expected));
                case PutCondition.Unconditional _ ->
                        locks.whileHolding(key, () -> replace(temporary, path));
            };
        } finally {
            discard(temporary);
        }
    }

    /** Its failure says nothing about the put; what stays behind goes with the session. */
    private static void discard(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            LOG.debug("Could not remove a temporary file", e);
        }
    }

    /** Spares the bytes of a put that is certain to fail; nothing relies on it. */
    private static boolean isHopeless(Path path, PutCondition condition) throws IOException {
        return switch (condition) {
            case PutCondition.IfAbsent _ -> FileVersion.of(path).isPresent();
            case PutCondition.IfMatches(ETag expected) -> !matches(path, expected);
            case PutCondition.Unconditional _ -> false;
        };
    }

    private static boolean matches(Path path, ETag expected) throws IOException {
        return FileVersion.of(path).map(FileVersion::etag).equals(Optional.of(expected));
    }

    private void writeDurably(Path temporary, List<ByteBuffer> body) throws IOException {
        try (FileChannel channel =
                FileChannel.open(
                        temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (ByteBuffer part : body) {
                FileBytes.write(channel, part);
            }
            long nanos =
                    clock.millis() * NANOS_PER_MILLI
                            + Math.floorMod(counter.getAndIncrement(), NANOS_PER_MILLI);
            Files.setLastModifiedTime(temporary, FileTime.from(nanos, TimeUnit.NANOSECONDS));
            channel.force(true);
        }
    }

    private PutOutcome link(ObjectKey key, Path temporary, Path path) throws IOException {
        FileVersion version = requireVersion(temporary);
        try {
            Files.createLink(path, temporary);
            return synced(path, version);
        } catch (FileAlreadyExistsException e) {
            if (Files.isDirectory(path)) {
                throw new ObjectStoreException(
                        Outlook.FINAL, key + " cannot be stored: it is a folder of other keys", e);
            }
            // A network file system may have repeated the call and met its own doing.
            return FileVersion.of(path).equals(Optional.of(version))
                    ? synced(path, version)
                    : new PutOutcome.ConditionFailed();
        } catch (UnsupportedOperationException e) {
            throw new ObjectStoreException(
                    Outlook.FINAL, "the file system of " + root + " has no hard links", e);
        } catch (IOException e) {
            return afterFailure(e, path, version);
        }
    }

    /** A network file system may have done what it reports as failed. */
    private PutOutcome afterFailure(IOException failure, Path path, FileVersion version)
            throws IOException {
        boolean isDone;
        try {
            isDone = FileVersion.of(path).equals(Optional.of(version));
        } catch (IOException e) {
            failure.addSuppressed(e);
            return new PutOutcome.Unknown("the folder does not answer: " + failure);
        }
        if (isDone) {
            return synced(path, version);
        }
        throw failure;
    }

    private PutOutcome swap(Path temporary, Path path, ETag expected) throws IOException {
        if (!matches(path, expected)) {
            return new PutOutcome.ConditionFailed();
        }
        return replace(temporary, path);
    }

    private PutOutcome replace(Path temporary, Path path) throws IOException {
        Optional<FileVersion> old = FileVersion.of(path);
        if (old.isPresent()) {
            makeNewer(temporary, old.get());
        }
        FileVersion version = requireVersion(temporary);
        try {
            Files.move(
                    temporary,
                    path,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            return afterFailure(e, path, version);
        }
        return synced(path, version);
    }

    /** Clocks go back and time stamps are coarse; a version must not come back for that. */
    private static void makeNewer(Path temporary, FileVersion old) throws IOException {
        FileVersion mine = requireVersion(temporary);
        long wanted = old.modifiedNanos() + 1;
        while (mine.modifiedNanos() <= old.modifiedNanos()) {
            if (wanted > old.modifiedNanos() + 2 * COARSE_NANOS) {
                throw new ObjectStoreException(
                        Outlook.FINAL,
                        "the file system does not keep modification times: " + temporary);
            }
            Files.setLastModifiedTime(temporary, FileTime.from(wanted, TimeUnit.NANOSECONDS));
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            mine = requireVersion(temporary);
            wanted += COARSE_NANOS;
        }
    }

    private static FileVersion requireVersion(Path file) throws IOException {
        return FileVersion.of(file)
                .orElseThrow(() -> new IOException("the temporary file is gone: " + file));
    }

    private PutOutcome synced(Path path, FileVersion version) {
        try {
            Path folder = path.getParent();
            if (folder == null) {
                throw new IllegalStateException("an object outside of any folder: " + path);
            }
            folders.sync(folder);
            return new PutOutcome.Stored(version.etag());
        } catch (IOException e) {
            return new PutOutcome.Unknown("its name may not outlive a power loss: " + e);
        }
    }
}
