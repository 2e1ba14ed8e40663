package io.lsmbd.objectstore.file;

import io.lsmbd.env.WallClock;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder as an object store, shared safely by any number of threads and processes; the package
 * comment tells its layout and how a put becomes durable. Needs hard links and modification times
 * finer than its puts follow each other, which every Linux file system in use has.
 */
public final class FileObjectStore implements ObjectStore {
    private static final Logger LOG = LoggerFactory.getLogger(FileObjectStore.class);

    private final Path root;
    private final KeyLocks locks;
    private final DurableFolders folders;
    private final Session session;
    private final FilePut puts;
    private final FileReads reads;

    private FileObjectStore(Path root, KeyLocks locks, Session session, WallClock clock) {
        this.root = root;
        this.locks = locks;
        this.session = session;
        this.folders = new DurableFolders(root);
        this.puts = new FilePut(root, locks, folders, session, clock);
        this.reads = new FileReads(root, folders::settle, session::isReachable);
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
                    LOG.debug("removed sessions of crashed processes count={}", crashed);
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
            reads.checkReachable(); // says it better
            throw FileErrors.toStoreException("cannot store " + key + " in " + root, e);
        }
    }

    @Override
    public StoredObject get(ObjectKey key) throws ObjectStoreException {
        return reads.get(key);
    }

    @Override
    public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
        reads.read(key, offset, into);
    }

    @Override
    public ObjectInfo info(ObjectKey key) throws ObjectStoreException {
        return reads.info(key);
    }

    @Override
    public ObjectPage list(String prefix, @Nullable ObjectKey after, int max)
            throws ObjectStoreException {
        return reads.list(prefix, after, max);
    }

    @Override
    public void delete(Collection<ObjectKey> keys) throws ObjectStoreException {
        try {
            reads.checkReachable();
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
