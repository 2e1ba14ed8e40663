package io.lsmbd.objectstore.file;

import static io.lsmbd.objectstore.ObjectStore.MAX_PAGE;
import static io.lsmbd.objectstore.ObjectStore.MAX_WHOLE_OBJECT_BYTES;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import io.lsmbd.objectstore.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the objects of a folder, for a store that also writes and for one that only looks.
 *
 * <p>A read opens the file anew: a descriptor kept open would show an object's old content after
 * another process replaced it, and costs hardly less, since it had to be checked against the path.
 */
final class FileReads {
    private static final Logger LOG = LoggerFactory.getLogger(FileReads.class);

    private final Path root;
    private final Settling settling;
    private final BooleanSupplier isMounted;

    /** Makes what is seen in a folder durable, for those who rely on it; see DurableFolders. */
    interface Settling {
        void settle(Path folder) throws IOException;
    }

    /** {@code isMounted}: whether the root is still the folder that was opened. */
    FileReads(Path root, Settling settling, BooleanSupplier isMounted) {
        this.root = root;
        this.settling = settling;
        this.isMounted = isMounted;
    }

    StoredObject get(ObjectKey key) throws ObjectStoreException {
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

    void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
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

    ObjectInfo info(ObjectKey key) throws ObjectStoreException {
        try {
            return versionOf(key).info(key);
        } catch (IOException e) {
            throw FileErrors.toStoreException("cannot look at " + key + " in " + root, e);
        }
    }

    private FileVersion versionOf(ObjectKey key) throws IOException {
        Optional<FileVersion> version = FileVersion.of(FileNames.pathOf(root, key));
        if (version.isPresent()) {
            settling.settle(FileNames.folderOf(root, key));
            return version.get();
        }
        checkReachable();
        throw new ObjectStoreException(
                Outlook.NOT_FOUND, "no object %s in %s".formatted(key, root));
    }

    /** An empty mount point must not look like a store whose objects are all gone. */
    void checkReachable() throws ObjectStoreException {
        if (!isMounted.getAsBoolean()) {
            throw new ObjectStoreException(
                    Outlook.RETRYABLE,
                    root + " is not the folder any more that was opened: is it still mounted?");
        }
    }

    ObjectPage list(String prefix, @Nullable ObjectKey after, int max) throws ObjectStoreException {
        if (max < 1 || max > MAX_PAGE) {
            throw new IllegalArgumentException("a page of " + max + " keys, not 1 to " + MAX_PAGE);
        }
        try {
            ObjectPage page =
                    new FileListing(root, settling, new FileListing.Query(prefix, after, max))
                            .page();
            checkReachable();
            return page;
        } catch (IOException e) {
            throw FileErrors.toStoreException("cannot list " + prefix + "* in " + root, e);
        }
    }
}
