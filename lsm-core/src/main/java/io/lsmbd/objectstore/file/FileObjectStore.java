package io.lsmbd.objectstore.file;

import io.lsmbd.env.WallClock;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder as an object store, shared safely by any number of threads and processes; the package
 * comment tells its layout and how a put becomes durable. Needs hard links and modification times
 * finer than its puts follow each other, which every Linux file system in use has.
 *
 * <p>A read opens the file anew: a descriptor kept open would show an object's old content after
 * another process replaced it, and costs hardly less, since it had to be checked against the path.
 */
public final class FileObjectStore implements ObjectStore {
    private static final Logger LOG = LoggerFactory.getLogger(FileObjectStore.class);

    private final Path root;
    private final KeyLocks locks;
    private final DurableFolders folders;
    private final Session session;
    private final FilePut puts;

    private FileObjectStore(Path root, KeyLocks locks, Session session, WallClock clock) {
        this.root = root;
        this.locks = locks;
        this.session = session;
        this.folders = new DurableFolders(root);
        this.puts = new FilePut(root, locks, folders, session, clock);
    }

    /** Opens the folder, making it if it is not there, and removes what crashed processes left. */
    public static FileObjectStore open(Path folder, WallClock clock) throws ObjectStoreException {
        Path absolute = folder.toAbsolutePath().normalize();
        try {
            createDurably(absolute);
            Path root = absolute.toRealPath();
            Path internal = root.resolve(FileNames.INTERNAL);
            Path sessions = Files.createDirectories(internal.resolve("session"));
            KeyLocks locks = new KeyLocks(Files.createDirectories(internal.resolve("lock")));
            return locks.whileHoldingSessions(() -> {
                int crashed = Session.removeDead(sessions);
                if (crashed > 0) {
                    LOG.info("Removed sessions of crashed processes count={}", crashed);
                }
                return new FileObjectStore(root, locks, Session.begin(sessions), clock);
            });
        } catch (IOException e) {
            throw FileErrors.toStoreException("cannot open the object folder " + absolute, e);
        }
    }

    private static void createDurably(Path folder) throws IOException {
        Path existing = folder;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        new DurableFolders(existing).create(folder);
    }

    @Override
    public String location() {
        return root.toUri().toString();
    }

    @Override
    public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
            throws ObjectStoreException {
        try {
            return puts.put(key, body, condition);
        } catch (IOException e) {
            throw FileErrors.toStoreException("cannot store " + key + " in " + root, e);
        }
    }

    @Override
    public StoredObject get(ObjectKey key) throws ObjectStoreException {
        try {
            Path path = FileNames.pathOf(root, key);
            while (true) {
                FileVersion before = versionOf(key);
                checkWhole(key, before);
                byte[] bytes = new byte[(int) before.sizeBytes()];
                // A version never comes back, so if it is the same on both sides of opening the
                // file, that version was opened; else another put came between: look again.
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                    if (FileVersion.of(path).equals(Optional.of(before))) {
                        readFully(key, channel, 0, ByteBuffer.wrap(bytes));
                        return new StoredObject(bytes, before.etag());
                    }
                } catch (NoSuchFileException e) {
                    // Deleted or replaced meanwhile: the next turn tells which.
                    LOG.trace("Looking again at {}", path, e);
                }
            }
        } catch (IOException e) {
            throw FileErrors.toStoreException("cannot read " + key + " in " + root, e);
        }
    }

    private static void checkWhole(ObjectKey key, FileVersion version) throws ObjectStoreException {
        if (version.sizeBytes() > MAX_WHOLE_OBJECT_BYTES) {
            throw new ObjectStoreException(
                    Outlook.FINAL,
                    "%s has %d bytes, more than the %d that may be read at once"
                            .formatted(key, version.sizeBytes(), MAX_WHOLE_OBJECT_BYTES));
        }
    }

    @Override
    public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
        Path path = FileNames.pathOf(root, key);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            readFully(key, channel, offset, into);
        } catch (IOException e) {
            throw orAbsent(key, e);
        }
    }

    private ObjectStoreException orAbsent(ObjectKey key, IOException e) {
        if (e instanceof ObjectStoreException already) {
            return already;
        }
        try {
            // The version's check has its own words for an object that is not there.
            FileVersion there = versionOf(key);
            return FileErrors.toStoreException(
                    "cannot read %s (%d bytes) in %s".formatted(key, there.sizeBytes(), root), e);
        } catch (IOException other) {
            return FileErrors.toStoreException("cannot read " + key + " in " + root, other);
        }
    }

    private static void readFully(ObjectKey key, FileChannel channel, long offset, ByteBuffer into)
            throws IOException {
        long at = offset;
        while (into.hasRemaining()) {
            int count = FileBytes.readSome(channel, at, into);
            if (count < 0) {
                throw new ObjectStoreException(
                        Outlook.FINAL,
                        "short answer: %s has %d bytes, %d to %d were asked for"
                                .formatted(key, channel.size(), offset, at + into.remaining()));
            }
            at += count;
        }
    }

    @Override
    public ObjectInfo info(ObjectKey key) throws ObjectStoreException {
        try {
            return versionOf(key).info(key);
        } catch (IOException e) {
            throw FileErrors.toStoreException("cannot look at " + key + " in " + root, e);
        }
    }

    private FileVersion versionOf(ObjectKey key) throws IOException {
        Optional<FileVersion> version = FileVersion.of(FileNames.pathOf(root, key));
        if (version.isPresent()) {
            folders.settle(FileNames.folderOf(root, key));
            return version.get();
        }
        checkReachable();
        throw new ObjectStoreException(
                Outlook.NOT_FOUND, "no object %s in %s".formatted(key, root));
    }

    /** An empty mount point must not look like a store whose objects are all gone. */
    private void checkReachable() throws ObjectStoreException {
        if (!session.isReachable()) {
            throw new ObjectStoreException(
                    Outlook.RETRYABLE,
                    root + " is not the folder any more that was opened: is it still mounted?");
        }
    }

    @Override
    public ObjectPage list(String prefix, @Nullable ObjectKey after, int max)
            throws ObjectStoreException {
        if (max < 1 || max > MAX_PAGE) {
            throw new IllegalArgumentException("a page of " + max + " keys, not 1 to " + MAX_PAGE);
        }
        try {
            ObjectPage page =
                    new FileListing(root, folders, new FileListing.Query(prefix, after, max))
                            .page();
            checkReachable();
            return page;
        } catch (IOException e) {
            throw FileErrors.toStoreException("cannot list " + prefix + "* in " + root, e);
        }
    }

    @Override
    public void delete(Collection<ObjectKey> keys) throws ObjectStoreException {
        try {
            checkReachable();
            Set<Path> touched = new TreeSet<>();
            for (ObjectKey key : keys) {
                Path path = FileNames.pathOf(root, key);
                // Under the lock, or a swap that has compared already would bring it back.
                locks.whileHolding(key, () -> deleteFile(path));
                touched.add(FileNames.folderOf(root, key));
            }
            for (Path folder : touched) {
                // Also for what was absent: an earlier attempt may have failed before this sync.
                if (Files.isDirectory(folder)) {
                    folders.sync(folder);
                }
            }
        } catch (IOException e) {
            throw FileErrors.toStoreException("cannot delete objects in " + root, e);
        }
    }

    private static boolean deleteFile(Path path) throws IOException {
        return FileVersion.of(path).isPresent() && Files.deleteIfExists(path);
    }

    @Override
    public void close() {
        try {
            locks.whileHoldingSessions(() -> {
                session.close();
                return session;
            });
        } catch (IOException e) {
            LOG.warn("Could not remove the temporary files of {}; the next open will", root, e);
        }
    }
}
