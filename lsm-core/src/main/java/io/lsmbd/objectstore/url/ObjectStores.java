package io.lsmbd.objectstore.url;

import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.RefusedException.Reason;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.file.FileObjectStore;
import io.lsmbd.objectstore.file.ReadOnlyFileStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Opens the object store of an address: {@code file:///path} or a plain path for a folder, {@code
 * mem:} for one that is gone with the process.
 */
public final class ObjectStores {
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*");

    private ObjectStores() {}

    /**
     * Opens the bare store; retries and metrics are the caller's to put around it.
     *
     * @throws RefusedException if the address means no store that this version has
     * @throws ObjectStoreException if the store cannot be opened
     */
    public static ObjectStore open(String url, Environment environment)
            throws RefusedException, ObjectStoreException {
        refuseS3(url);
        if (url.equals("mem:")) {
            return new MemoryObjectStore(environment.wallClock());
        }
        return FileObjectStore.open(folderOf(url), environment.wallClock());
    }

    /**
     * As {@link #open}, but a folder must be there: a disk that is not mounted, or a typing
     * mistake, is no empty store.
     */
    public static ObjectStore openExisting(String url, Environment environment)
            throws RefusedException, ObjectStoreException {
        if (!url.startsWith("s3://") && !url.equals("mem:") && !Files.isDirectory(folderOf(url))) {
            throw new RefusedException(
                    Reason.INVALID,
                    "there is no folder %s; is its disk mounted? for a new store: mkdir -p %s"
                            .formatted(folderOf(url), folderOf(url)));
        }
        return open(url, environment);
    }

    /**
     * Opens a store to be looked at: nothing in it is created, changed or locked, so it may be in
     * use. What is there must be a store already.
     *
     * @throws RefusedException if it is not, saying what is missing
     */
    public static ObjectStore openReadOnly(String url) throws RefusedException {
        refuseS3(url);
        if (url.equals("mem:")) {
            throw new RefusedException(
                    Reason.INVALID, "a store in memory is in one process only: ask its daemon");
        }
        return ReadOnlyFileStore.open(folderOf(url));
    }

    private static void refuseS3(String url) throws RefusedException {
        if (url.startsWith("s3://")) {
            throw new RefusedException(
                    Reason.INVALID,
                    "S3 comes with a later version; this one keeps volumes in a folder:"
                            + " file:///path, not "
                            + url);
        }
    }

    private static Path folderOf(String url) throws RefusedException {
        try {
            if (!SCHEME.matcher(url).matches() && !url.isEmpty()) {
                return Path.of(url);
            }
            URI uri = new URI(url);
            boolean isLocal = uri.getAuthority() == null && uri.getPath() != null;
            if ("file".equals(uri.getScheme()) && isLocal && uri.getPath().startsWith("/")) {
                return Path.of(uri.getPath());
            }
        } catch (URISyntaxException | InvalidPathException _) {
            throw noSuchStore(url);
        }
        throw noSuchStore(url);
    }

    private static RefusedException noSuchStore(String url) {
        return new RefusedException(
                Reason.INVALID,
                "not an object store: \"%s\" (write file:///path, /path or mem:)".formatted(url));
    }
}
