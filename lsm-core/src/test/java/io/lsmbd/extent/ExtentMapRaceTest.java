package io.lsmbd.extent;

import static io.lsmbd.extent.RandomSegment.data;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.env.Task;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtentMapRaceTest {
    @TempDir Path temp;

    /** Once closed, holds the next read after it has its bytes. */
    private static final class GatedStore extends ForwardingStore {
        private volatile boolean isGated;
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);

        GatedStore(ObjectStore store) {
            super(store);
        }

        @Override
        public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
            super.read(key, offset, into);
            if (isGated) {
                isGated = false;
                arrived.countDown();
                await(open);
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void evictAll(PageBudget budget) {
        budget.charge(budget.limitBytes());
        budget.release(budget.limitBytes());
    }

    /**
     * The page leaves the heap between the applier's look at it and its change; a reader begins to
     * load the old one; the change is written back and evicted; then the reader is done.
     */
    @Test
    void aLateLoaderDoesNotBringBackWhatWasReplacedMeanwhile() throws IOException {
        try (MapBench bench =
                new MapBench(temp, DataSize.ofMebibytes(8), ExtentMapConfig.DEFAULT)) {
            bench.map.apply(1, RandomSegment.of(data(0, 80, 0)), Displaced.ignored());
            bench.checkpoint();
            GatedStore store = new GatedStore(bench.store);
            bench.loseDisk(1, store);
            List<Task> readers = new ArrayList<>();
            bench.map.apply(
                    2,
                    RandomSegment.of(data(0, 8, 0)),
                    (_, _) -> {
                        evictAll(bench.budget);
                        store.isGated = true;
                        readers.add(bench.environment.spawn("reader", () -> lookUp(bench.map)));
                        await(store.arrived);
                    });
            bench.map.writeBack();
            // A changed neighbour keeps their node in place.
            bench.map.apply(3, RandomSegment.of(data(40_000, 8, 0)), Displaced.ignored());
            evictAll(bench.budget);
            store.open.countDown();
            readers.forEach(Task::join);
            MapRuns out = new MapRuns(10);
            bench.map.lookup(0, 80, out);
            assertThat(ModelMap.text(out)).containsExactly("0+8=2:0", "8+72=1:8");
        }
    }

    private static void lookUp(ExtentMap map) {
        try {
            map.lookup(0, 80, new MapRuns(10));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
