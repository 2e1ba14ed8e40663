package io.lsmbd.volume;

import io.lsmbd.env.Environment;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Checkpoint;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.manifest.ManifestStore;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which volumes the store has. A name is an object of its own whose content is the volume's id: 16
 * hexadecimal digits and a line end, nothing else.
 */
public final class VolumeNames {
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final int MAX_ATTEMPTS = 50;

    private final ObjectStore store;
    private final ManifestStore manifests;
    private final Environment environment;

    public VolumeNames(ObjectStore store, ManifestStore manifests, Environment environment) {
        this.store = store;
        this.manifests = manifests;
        this.environment = environment;
    }

    /** Names in order; blocks for a listing. */
    public List<VolumeName> list() throws StorageException {
        List<VolumeName> names = new ArrayList<>();
        String prefix = ObjectKey.volumeNamesPrefix();
        @Nullable ObjectKey after = null;
        while (true) {
            ObjectPage page = store.list(prefix, after, ObjectStore.MAX_PAGE);
            for (ObjectInfo object : page.objects()) {
                String name = object.key().value().substring(prefix.length());
                if (VolumeName.isLegal(name)) {
                    names.add(new VolumeName(name));
                }
                after = object.key();
            }
            if (!page.hasMore()) {
                return List.copyOf(names);
            }
        }
    }

    /** The volume of that name; empty only if the store says that there is none. */
    public Optional<VolumeId> find(VolumeName name) throws StorageException {
        ObjectKey key = ObjectKey.volumeName(name);
        byte[] content;
        try {
            content = store.get(key).bytes();
        } catch (ObjectStoreException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        }
        String text = new String(content, StandardCharsets.US_ASCII);
        try {
            if (!text.endsWith("\n")) {
                throw new IllegalArgumentException("no line end");
            }
            return Optional.of(VolumeId.parse(text.substring(0, text.length() - 1)));
        } catch (IllegalArgumentException e) {
            throw new CorruptDataException(key.value(), 0, e);
        }
    }

    public VolumeId require(VolumeName name) throws StorageException {
        return find(name)
                .orElseThrow(() ->
                        new RefusedException(
                                RefusedException.Reason.NO_SUCH_VOLUME,
                                "there is no volume " + name));
    }

    /** Creates manifest, then name: a name never leads nowhere, not even after a crash. */
    public VolumeId create(VolumeSpec spec) throws StorageException {
        if (find(spec.name()).isPresent()) {
            throw exists(spec.name());
        }
        VolumeId id = new VolumeId(environment.random("volume-id").nextLong());
        manifests.create(
                new Manifest(
                        Manifest.FORMAT,
                        id,
                        spec.name(),
                        spec.size().bytes(),
                        spec.durability(),
                        spec.compression(),
                        environment.wallClock().millis(),
                        0,
                        null,
                        null,
                        Checkpoint.EMPTY,
                        false));
        byte[] content = (id + "\n").getBytes(StandardCharsets.US_ASCII);
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            PutOutcome outcome =
                    store.put(
                            ObjectKey.volumeName(spec.name()),
                            List.of(ByteBuffer.wrap(content)),
                            new PutCondition.IfAbsent());
            switch (outcome) {
                case PutOutcome.Stored _ -> {
                    return id;
                }
                case PutOutcome.ConditionFailed _ -> {
                    VolumeId winner = require(spec.name());
                    if (winner.equals(id)) {
                        return id;
                    }
                    // The name is another's for good: nothing will ever lead to this manifest.
                    store.delete(List.of(ObjectKey.manifest(id)));
                    throw exists(spec.name());
                }
                case PutOutcome.Unknown _ -> environment.sleep(PAUSE);
            }
        }
        // The put may still arrive; then the volume is there, and complete.
        throw new ObjectStoreException(
                ObjectStoreException.Outlook.RETRYABLE,
                "no clear answer whether volume %s was created; look at the list"
                        .formatted(spec.name()));
    }

    private static RefusedException exists(VolumeName name) {
        return new RefusedException(
                RefusedException.Reason.ALREADY_EXISTS, "there is a volume " + name + " already");
    }

    /**
     * Removes everything that a volume has whose manifest says that it is deleted; name and
     * manifest last, so that a deletion that was cut off can be finished.
     */
    public void delete(VolumeName name, VolumeId volume) throws StorageException {
        ObjectKey manifest = ObjectKey.manifest(volume);
        String prefix = ObjectKey.volumePrefix(volume);
        @Nullable ObjectKey after = null;
        while (true) {
            ObjectPage page = store.list(prefix, after, ObjectStore.MAX_PAGE);
            List<ObjectKey> keys = page.objects().stream().map(ObjectInfo::key).toList();
            store.delete(keys.stream().filter(key -> !key.equals(manifest)).toList());
            if (!page.hasMore()) {
                break;
            }
            after = keys.getLast();
        }
        store.delete(List.of(ObjectKey.volumeName(name)));
        store.delete(List.of(manifest));
    }
}
