package io.lsmbd.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.error.StorageException;
import io.lsmbd.extent.ExtentMap;
import io.lsmbd.extent.ExtentMapConfig;
import io.lsmbd.extent.ExtentMapSources;
import io.lsmbd.extent.PageBudget;
import io.lsmbd.localindex.LocalIndex;
import io.lsmbd.localindex.LocalIndexConfig;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeId;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.volume.AllocationVisitor.Allocation;
import io.lsmbd.wal.WalLocation;
import io.lsmbd.wal.index.WalIndex;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a scan ends; what it finds is compared with a model in EngineMapsTest. */
class RangeScanTest {
    private static final VolumeId VOLUME = new VolumeId(7);
    private static final long PEBIBYTE = 1L << 50;

    @TempDir private Path folder;

    private final WalIndex index = new WalIndex();
    private final List<String> told = new ArrayList<>();
    private LocalIndex localIndex;
    private ExtentMap map;

    @BeforeEach
    void open() throws StorageException {
        SystemEnvironment environment = new SystemEnvironment((_, _) -> {});
        localIndex = LocalIndex.open(folder, LocalIndexConfig.DEFAULT);
        ExtentMapSources sources =
                new ExtentMapSources(
                        VOLUME,
                        localIndex,
                        new MemoryObjectStore(environment.wallClock()),
                        number -> ObjectKey.map(VOLUME, number),
                        environment);
        PageBudget budget = new PageBudget(DataSize.ofMebibytes(8));
        map = ExtentMap.open(sources, budget, ExtentMapConfig.DEFAULT, null, 0);
    }

    @AfterEach
    void close() throws StorageException {
        map.close();
        localIndex.close();
    }

    /** Every other one of the first {@code count} sectors. */
    private void writeSectors(int count) {
        for (int i = 0; i < count; i += 2) {
            index.put(i, 1, WalLocation.ofWrite(4096 + i * 1024L, 1));
        }
    }

    private void scan(long offset, long length, int enough, AllocationVisitor visitor)
            throws StorageException {
        RunJoiner<Allocation> runs = new RunJoiner<>(offset, length, visitor::run);
        new RangeScan(index, map, enough).walk(offset, length, new AllocationSink(runs));
        runs.finish();
    }

    private boolean note(long offset, long length, Allocation allocation) {
        told.add(offset + "+" + length + " " + allocation);
        return true;
    }

    @Test
    void anEmptyPebibyteIsOneHole() throws StorageException {
        scan(0, PEBIBYTE, RangeScan.ENOUGH, this::note);
        assertThat(told).containsExactly("0+" + PEBIBYTE + " HOLE");
    }

    @Test
    void anyBytesMayBeAskedFor() throws StorageException {
        writeSectors(3);
        scan(100, 1200, RangeScan.ENOUGH, this::note);
        assertThat(told).containsExactly("100+412 DATA", "512+512 HOLE", "1024+276 DATA");
        told.clear();
        scan(700, 1, RangeScan.ENOUGH, this::note);
        assertThat(told).containsExactly("700+1 HOLE");
        told.clear();
        scan(700, 0, RangeScan.ENOUGH, this::note);
        assertThat(told).isEmpty();
    }

    @Test
    void endsWhenTheVisitorHasEnough() throws StorageException {
        writeSectors(10_000);
        scan(
                0,
                PEBIBYTE,
                RangeScan.ENOUGH,
                (offset, length, allocation) -> {
                    note(offset, length, allocation);
                    return told.size() < 3;
                });
        assertThat(told).containsExactly("0+512 DATA", "512+512 HOLE", "1024+512 DATA");
    }

    @Test
    void endsEarlyWhereThereIsVeryMuchToLookAt() throws StorageException {
        writeSectors(10_000);
        scan(0, PEBIBYTE, 3000, this::note);
        assertThat(told).hasSizeBetween(5999, 9999);
        assertThat(told.getFirst()).isEqualTo("0+512 DATA");
        told.clear();
        scan(512, PEBIBYTE - 512, 1, this::note);
        assertThat(told).isNotEmpty();
        assertThat(told.getFirst()).isEqualTo("512+512 HOLE");
    }
}
