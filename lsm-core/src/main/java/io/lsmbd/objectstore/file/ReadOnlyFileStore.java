package io.lsmbd.objectstore.file;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.error.RefusedException;
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
import org.jspecify.annotations.Nullable;

/**
 * A folder as an object store to be looked at: nothing in it is created, changed or locked, so it
 * may be in use, or belong to somebody else.
 */
public final class ReadOnlyFileStore implements ObjectStore {
    private final Path root;
    private final FileReads reads;

    private ReadOnlyFileStore(Path root) {
        this.root = root;
        // Nobody relies on what is seen here, so it need not be made durable.
        this.reads = new FileReads(root, _ -> {}, () -> isStore(root));
    }

    /**
     * Opens a folder that is a store.
     *
     * @throws RefusedException if it is not, saying what is missing
     */
    public static ReadOnlyFileStore open(Path folder) throws RefusedException {
        Path absolute = folder.toAbsolutePath().normalize();
        if (!Files.isDirectory(absolute)) {
            throw refused("there is no folder %s; is its disk mounted?".formatted(absolute));
        }
        if (!Files.isReadable(absolute) || !Files.isExecutable(absolute)) {
            throw refused("this user may not look into " + absolute);
        }
        if (!isStore(absolute)) {
            Path inside = absolute.resolve("store");
            throw refused(
                    "%s is no store: neither %s (volumes) nor %s (an empty store) is in it%s"
                            .formatted(
                                    absolute,
                                    volumeNames(),
                                    FileNames.INTERNAL,
                                    isStore(inside) ? "; try " + inside : ""));
        }
        try {
            return new ReadOnlyFileStore(absolute.toRealPath());
        } catch (IOException e) {
            throw refused("cannot look into %s: %s".formatted(absolute, e.getMessage()));
        }
    }

    private static RefusedException refused(String message) {
        return new RefusedException(RefusedException.Reason.INVALID, message);
    }

    /** A copy of a store may have been made without what begins with a dot. */
    private static boolean isStore(Path folder) {
        return Files.isDirectory(folder.resolve(volumeNames()))
                || Files.isDirectory(folder.resolve(FileNames.INTERNAL));
    }

    private static String volumeNames() {
        String prefix = ObjectKey.volumeNamesPrefix();
        return prefix.substring(0, prefix.length() - 1);
    }

    @Override
    public String location() {
        return root.toUri().toString();
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
    public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
            throws ObjectStoreException {
        throw readOnly("store " + key);
    }

    @Override
    public void delete(Collection<ObjectKey> keys) throws ObjectStoreException {
        throw readOnly("delete " + keys);
    }

    private ObjectStoreException readOnly(String doing) {
        return new ObjectStoreException(
                Outlook.FINAL, "cannot %s: %s is open for reading only".formatted(doing, root));
    }

    @Override
    public void close() {}
}
