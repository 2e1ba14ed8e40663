package io.lsmbd.manifest;

import io.lsmbd.env.Environment;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ETag;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.StoredObject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** Reads manifests and changes them by compare-and-swap. Stateless; blocks on the store. */
public final class ManifestStore {
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final int MAX_ATTEMPTS = 50;

    private final ObjectStore store;
    private final Environment environment;

    /** A manifest and the version that it was read or written as. */
    public record Versioned(Manifest manifest, ETag etag) {}

    public ManifestStore(ObjectStore store, Environment environment) {
        this.store = store;
        this.environment = environment;
    }

    public Versioned load(VolumeId volume) throws StorageException {
        ObjectKey key = ObjectKey.manifest(volume);
        StoredObject object = store.get(key);
        return new Versioned(decode(key, object.bytes()), object.etag());
    }

    private static Manifest decode(ObjectKey key, byte[] bytes) throws CorruptDataException {
        try {
            return ManifestFormat.decode(bytes);
        } catch (CorruptFormatException e) {
            throw new CorruptDataException(key.value(), 0, e);
        }
    }

    /** Creates a volume's first manifest; its random id makes a collision a bug or a miracle. */
    public void create(Manifest manifest) throws StorageException {
        byte[] bytes = ManifestFormat.encode(manifest);
        ObjectKey key = ObjectKey.manifest(manifest.volume());
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            PutOutcome outcome =
                    store.put(key, List.of(ByteBuffer.wrap(bytes)), new PutCondition.IfAbsent());
            switch (outcome) {
                case PutOutcome.Stored _ -> {
                    return;
                }
                case PutOutcome.ConditionFailed _ -> {
                    if (Arrays.equals(store.get(key).bytes(), bytes)) {
                        return;
                    }
                    throw new IllegalStateException("two volumes with the id " + manifest.volume());
                }
                case PutOutcome.Unknown _ -> environment.sleep(PAUSE);
            }
        }
        throw undecided(key);
    }

    /**
     * Changes the manifest as the holder of {@code epoch}; tries again while only others' harmless
     * changes (none today) come between.
     *
     * @throws FencedException if the manifest has a higher epoch
     */
    public Versioned update(VolumeId volume, long epoch, UnaryOperator<Manifest> change)
            throws StorageException {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            Versioned current = load(volume);
            if (current.manifest().epoch() != epoch) {
                throw new FencedException(
                        current.manifest().name().value(), epoch, current.manifest().epoch());
            }
            Swap swap = swap(current, change.apply(current.manifest()));
            if (swap instanceof Swap.Done done) {
                return done.now();
            }
        }
        throw undecided(ObjectKey.manifest(volume));
    }

    /** What came of one compare-and-swap. */
    public sealed interface Swap {
        record Done(Versioned now) implements Swap {}

        /** Someone else changed it in between, or nobody knows; read again. */
        record Lost() implements Swap {}
    }

    /** Replaces exactly {@code current} by {@code next}. An unknown outcome is resolved here. */
    public Swap swap(Versioned current, Manifest next) throws StorageException {
        ManifestInvariants.check(current.manifest(), next);
        byte[] bytes = ManifestFormat.encode(next);
        ObjectKey key = ObjectKey.manifest(next.volume());
        PutOutcome outcome =
                store.put(
                        key,
                        List.of(ByteBuffer.wrap(bytes)),
                        new PutCondition.IfMatches(current.etag()));
        if (outcome instanceof PutOutcome.Stored stored) {
            return new Swap.Done(new Versioned(next, stored.etag()));
        }
        // Failed or unknown, it may be our own earlier attempt that is there. Writer ids, epochs
        // and renewal counts make equal bytes ours.
        if (outcome instanceof PutOutcome.Unknown) {
            environment.sleep(PAUSE);
        }
        StoredObject there = store.get(key);
        return Arrays.equals(there.bytes(), bytes)
                ? new Swap.Done(new Versioned(next, there.etag()))
                : new Swap.Lost();
    }

    private static ObjectStoreException undecided(ObjectKey key) {
        return new ObjectStoreException(
                ObjectStoreException.Outlook.RETRYABLE,
                "%s could not be changed in %d attempts".formatted(key, MAX_ATTEMPTS));
    }
}
