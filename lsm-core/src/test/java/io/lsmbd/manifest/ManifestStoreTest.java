package io.lsmbd.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ManifestStoreTest {
    private final List<Throwable> deaths = new CopyOnWriteArrayList<>();
    private final SystemEnvironment environment =
            new SystemEnvironment((_, death) -> deaths.add(death));
    private final MemoryObjectStore store = new MemoryObjectStore(environment.wallClock());
    private final ManifestStore manifests = new ManifestStore(store, environment);
    private final Manifest first = ManifestFormatTest.manifest();

    @Test
    void anAbsentManifestIsNotFoundAndNothingElse() {
        assertThatThrownBy(() -> manifests.load(first.volume()))
                .isInstanceOfSatisfying(
                        ObjectStoreException.class, e -> assertThat(e.isNotFound()).isTrue());
    }

    @Test
    void aSwapAgainstAnOlderVersionIsLost() throws StorageException {
        manifests.create(first);
        ManifestStore.Versioned seen = manifests.load(first.volume());
        manifests.swap(seen, first.detached());

        assertThat(manifests.swap(seen, first.checkpointed(first.checkpoint())))
                .isInstanceOf(ManifestStore.Swap.Lost.class);
    }

    @Test
    void onlyTheHolderOfTheEpochChangesIt() throws StorageException {
        manifests.create(first);

        assertThatThrownBy(() ->
                        manifests.update(first.volume(), first.epoch() - 1, Manifest::detached))
                .isInstanceOf(FencedException.class);
        assertThat(manifests.load(first.volume()).manifest()).isEqualTo(first);
    }
}
