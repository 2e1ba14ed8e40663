package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Durability;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.decorator.HedgeConfig;
import io.lsmbd.objectstore.decorator.HedgingObjectStore;
import io.lsmbd.objectstore.fault.FaultRule;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.read.Holes;
import io.lsmbd.volume.Volume;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A writer whose requests are sent twice knows its own segments when it meets them. */
class EngineHedgeTest {
    private static final int PAGES = 64;
    private final TestEnvironment environment = new TestEnvironment("boot");
    private final MemoryObjectStore store = new MemoryObjectStore(environment.wallClock());
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    @TempDir Path folder;

    private Engine engine(String directory, ObjectStore bucket) throws StorageException {
        return new Engine(
                new Engine.Disks(
                        environment,
                        bucket,
                        new MemoryLogDirectory(),
                        folder.resolve(directory),
                        directory));
    }

    private void writeFlushAndReadBack(ObjectStore bucket) throws StorageException {
        Engine first = engine("first", bucket);
        Volume volume = first.create(new DataSize(1 << 20), Durability.OBJECT);
        for (int page = 0; page < PAGES; page++) {
            put(volume, page, page + 1);
            Flush.now(volume, environment);
        }
        assertThat(volume.info().failure()).isEmpty();
        first.abandon();

        Engine second = engine("second", store);
        Volume again = second.attach();
        for (int page = 0; page < PAGES; page++) {
            assertThat(get(again, page)).isEqualTo(page + 1);
        }
        second.close();
        assertThat(environment.deaths()).isEmpty();
    }

    @Test
    void aSegmentThatSomethingOnTheWaySentTwice() throws StorageException {
        writeFlushAndReadBack(
                FaultyObjectStore.around(
                        store,
                        environment,
                        List.of(
                                FaultRule.parse("met-itself op=put area=segments p=0.5"),
                                FaultRule.parse("lost-reply op=put area=segments p=0.2")),
                        7));
    }

    @Test
    void aSegmentThatWeSentTwice() throws StorageException {
        HedgeConfig always =
                new HedgeConfig(
                        1,
                        Duration.ofNanos(1),
                        Duration.ofMillis(1),
                        DataSize.ofMebibytes(1),
                        DataSize.ofMebibytes(8));
        ObjectStore late =
                FaultyObjectStore.around(
                        store,
                        environment,
                        List.of(
                                FaultRule.parse("late-reply area=segments p=0.3 ms=5"),
                                FaultRule.parse("latency area=segments p=0.3 ms=5"),
                                FaultRule.parse("unavailable area=segments p=0.1")),
                        7);
        writeFlushAndReadBack(new HedgingObjectStore(late, environment, always, registry));
        assertThat(registry.get("lsmbd.store.hedges").tags("op", "put").counters())
                .anyMatch(counter -> counter.count() > 0);
    }

    private static void put(Volume volume, int page, int stamp) throws StorageException {
        ByteBuffer data = ByteBuffer.allocateDirect(4096);
        while (data.hasRemaining()) {
            data.putInt(stamp);
        }
        volume.write(page * 4096L, new ByteBuffer[] {data.flip()}, 1);
    }

    private static int get(Volume volume, int page) throws StorageException {
        ByteBuffer data = ByteBuffer.allocateDirect(4096);
        volume.read(page * 4096L, data, Holes.unwanted());
        return data.getInt(4092);
    }
}
