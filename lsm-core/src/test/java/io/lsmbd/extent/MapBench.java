package io.lsmbd.extent;

import io.lsmbd.env.Environment;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.localindex.LocalIndexConfig;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A map with all it stands on, that can lose its process or its disk. */
final class MapBench implements AutoCloseable {
    static final VolumeId VOLUME = new VolumeId(0x77);
    static final LocalIndexConfig INDEX =
            new LocalIndexConfig(DataSize.ofMebibytes(8), DataSize.ofMebibytes(2), 1, 64);

    final ObjectStore store;
    final PageBudget budget;
    private final ExtentMapConfig config;
    private final Path temp;
    final Environment environment = new SystemEnvironment((_, e) -> e.printStackTrace());
    private Path folder;
    private int folders;
    LocalIndex index;
    ExtentMap map;
    @Nullable CheckpointRef published;

    MapBench(Path temp, DataSize budget, ExtentMapConfig config) throws IOException {
        this.temp = temp;
        this.config = config;
        this.budget = new PageBudget(budget);
        store = new MemoryObjectStore(() -> 1_700_000_000_000L);
        folder = temp.resolve("index-0");
        index = LocalIndex.open(folder, INDEX);
        map = open(0);
    }

    private ExtentMap open(long newestCommitted) throws IOException {
        return ExtentMap.open(sources(index), budget, config, published, newestCommitted);
    }

    ExtentMapSources sources(@Nullable LocalIndex with) {
        return new ExtentMapSources(
                VOLUME, with, store, number -> ObjectKey.map(VOLUME, number), environment);
    }

    /** A snapshot's map with caches of its own. */
    record Fresh(ExtentMap map) implements AutoCloseable {
        @Override
        public void close() {
            map.close();
        }
    }

    Fresh freshSnapshot(CheckpointRef ref) throws IOException {
        return freshSnapshot(ref, store);
    }

    Fresh freshSnapshot(CheckpointRef ref, ObjectStore from) throws IOException {
        ExtentMapSources all = sources(null);
        ExtentMapSources fresh =
                new ExtentMapSources(VOLUME, null, from, all.keys(), all.environment());
        return new Fresh(
                ExtentMap.openSnapshot(
                        fresh, new PageBudget(DataSize.ofMebibytes(8)), config, ref));
    }

    ExtentMap openSnapshot(CheckpointRef ref) throws IOException {
        return ExtentMap.openSnapshot(sources(null), budget, config, ref);
    }

    /** As kill -9 does: what was not flushed is gone. */
    void crash(long newestCommitted) throws IOException {
        Path copy = copyFolder();
        map.close();
        index.close();
        folder = copy;
        index = LocalIndex.open(folder, INDEX);
        map = open(newestCommitted);
    }

    /** Opens the map again on what the index has now, without a write-back. */
    void reopen(long newestCommitted) throws IOException {
        map.close();
        map = open(newestCommitted);
    }

    /** The copy of a moment, while RocksDB merges files; a torn one just counts as damaged. */
    private Path copyFolder() throws IOException {
        while (true) {
            Path copy = temp.resolve("index-" + ++folders);
            try (Stream<Path> walk = Files.walk(folder)) {
                for (Path source : walk.toList()) {
                    Files.copy(source, copy.resolve(folder.relativize(source)));
                }
                return copy;
            } catch (NoSuchFileException | UncheckedIOException _) {
                // A file was merged away meanwhile: again.
            }
        }
    }

    void restart(long newestCommitted) throws IOException {
        map.writeBack();
        map.close();
        index.close();
        index = LocalIndex.open(folder, INDEX);
        map = open(newestCommitted);
    }

    void loseDisk(long newestCommitted) throws IOException {
        loseDisk(newestCommitted, store);
    }

    /** Goes on with another view of the same store. */
    void loseDisk(long newestCommitted, ObjectStore from) throws IOException {
        map.close();
        index.close();
        folder = temp.resolve("index-" + ++folders);
        index = LocalIndex.open(folder, INDEX);
        ExtentMapSources all = sources(index);
        ExtentMapSources sources =
                new ExtentMapSources(VOLUME, index, from, all.keys(), environment);
        map = ExtentMap.open(sources, budget, config, published, newestCommitted);
    }

    CheckpointRef checkpoint() throws IOException {
        CheckpointRef ref = map.checkpoint(published == null ? 1 : published.number() + 1);
        published = ref;
        map.published(ref);
        return ref;
    }

    @Override
    public void close() throws IOException {
        map.close();
        index.close();
        store.close();
    }
}
