package io.lsmbd.objectstore.url;

import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.RefusedException.Reason;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.decorator.ReadOnlyObjectStore;
import io.lsmbd.objectstore.file.FileObjectStore;
import io.lsmbd.objectstore.file.ReadOnlyFileStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.objectstore.probe.CheckResult;
import io.lsmbd.objectstore.s3.BucketReview;
import io.lsmbd.objectstore.s3.S3Address;
import io.lsmbd.objectstore.s3.S3ObjectStore;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Opens the object store of an address: {@code file:///path} or a plain path for a folder, {@code
 * s3://bucket/prefix} for a bucket (docs/STORES.md), {@code mem:} for one that is gone with the
 * process.
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
        if (isS3(url)) {
            return openS3(url);
        }
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
        requireFolder(url);
        return open(url, environment);
    }

    /**
     * Does nothing for stores that are not folders.
     *
     * @throws RefusedException if the folder is not there
     */
    public static void requireFolder(String url) throws RefusedException {
        if (!isS3(url) && !url.equals("mem:") && !Files.isDirectory(folderOf(url))) {
            throw new RefusedException(
                    Reason.INVALID,
                    "there is no folder %s; is its disk mounted? for a new store: mkdir -p %s"
                            .formatted(folderOf(url), folderOf(url)));
        }
    }

    /**
     * Opens a store to be looked at: nothing in it is created, changed or locked, so it may be in
     * use. What is there must be a store already.
     *
     * @throws RefusedException if it is not, saying what is missing
     * @throws ObjectStoreException if it does not answer
     */
    public static ObjectStore openReadOnly(String url)
            throws RefusedException, ObjectStoreException {
        if (url.equals("mem:")) {
            throw new RefusedException(
                    Reason.INVALID, "a store in memory is in one process only: ask its daemon");
        }
        return isS3(url) ? lookIntoS3(url) : ReadOnlyFileStore.open(folderOf(url));
    }

    /**
     * Refuses what cannot be the address of a bucket before anybody repeats it: it may have a
     * secret in it. Other addresses have none.
     *
     * @throws IllegalArgumentException saying what is wrong, without the secret
     */
    public static void checkAddress(String url) {
        if (isS3(url)) {
            var _ = S3Address.parse(url);
        }
    }

    /**
     * Reads how the store is set up, where that can be asked for: empty for all but S3. Blocks.
     *
     * @throws RefusedException if it is no address
     * @throws ObjectStoreException if the store cannot be opened
     */
    public static List<CheckResult> review(String url, Environment environment)
            throws RefusedException, ObjectStoreException {
        return isS3(url) ? new BucketReview(s3Address(url), environment).run() : List.of();
    }

    /** Whether the address is that of a bucket, right or wrong. */
    public static boolean isS3(String url) {
        return url.startsWith("s3:");
    }

    private static S3Address s3Address(String url) throws RefusedException {
        try {
            return S3Address.parse(url);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(
                    Reason.INVALID, e.getMessage() + "; addresses are told in docs/STORES.md");
        }
    }

    private static ObjectStore openS3(String url) throws RefusedException, ObjectStoreException {
        S3ObjectStore store = S3ObjectStore.open(s3Address(url));
        try {
            store.refuseMistakes();
            return store;
        } catch (ObjectStoreException e) {
            store.close();
            throw e;
        }
    }

    private static ObjectStore lookIntoS3(String url)
            throws RefusedException, ObjectStoreException {
        ObjectStore store = new ReadOnlyObjectStore(S3ObjectStore.open(s3Address(url)));
        try {
            if (store.list(ObjectKey.volumeNamesPrefix(), null, 1).objects().isEmpty()) {
                throw new RefusedException(
                        Reason.INVALID,
                        "there are no volumes in %s: is its prefix right?"
                                .formatted(store.location()));
            }
            return store;
        } catch (RefusedException | ObjectStoreException e) {
            store.close();
            throw e;
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
                "not an object store: \"%s\" (write %s)"
                        .formatted(url, "file:///path, /path, s3://bucket/prefix or mem:"));
    }
}
