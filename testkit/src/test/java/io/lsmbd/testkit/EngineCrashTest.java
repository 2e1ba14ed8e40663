package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.error.StorageException;
import io.lsmbd.manifest.Durability;
import io.lsmbd.model.DataSize;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.read.Holes;
import io.lsmbd.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random operations on the real engine, a loss of some kind, and what comes back, many times over
 * on one volume. Operations are numbered; every sector carries the number of the operation that
 * wrote it last, so that what comes back is some state of the history or is not.
 */
class EngineCrashTest {
    private static final int SECTORS = 64 << 10; // four map pages
    private static final int HOT_SECTORS = 600;
    private static final int LIVES = 12;
    private static final int OPERATIONS = 150;

    /** What happens between two lives. */
    enum Loss {
        CLEAN_STOP,
        PROCESS_KILLED,
        PROCESS_KILLED_AND_INDEX_LOST,
        POWER_LOST,
        DIRECTORY_LOST
    }

    @TempDir private Path folder;

    private final TestEnvironment environment = new TestEnvironment("boot-0");
    private MemoryLogDirectory log = new MemoryLogDirectory();
    private final MemoryObjectStore store = new MemoryObjectStore(environment.wallClock());
    private int life;
    private String directory = "directory-0";

    /** Sector stamps after each operation of this life; the last one is the present. */
    private final List<int[]> history = new ArrayList<>();

    private int flushed; // index in history that a flush covers
    private int operation;

    @ParameterizedTest
    @EnumSource(Loss.class)
    void whatComesBackIsWhatWasPromised(Loss loss) throws Exception {
        long seed = Long.getLong("engine.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        history.add(new int[SECTORS]);
        Engine engine = open();
        engine.create(new DataSize(SECTORS * 512L), Durability.LOCAL);
        for (life = 0; life < LIVES; life++) {
            String where = "loss=%s life=%d engine.seed=%d".formatted(loss, life, seed);
            Volume volume =
                    life == 0 ? engine.volumes().volume("vol1").orElseThrow() : engine.attach();
            int found = match(contents(volume), where);
            assertThat(found).as(where).isGreaterThanOrEqualTo(leastAfter(loss));
            restartHistory(history.get(found));
            for (int i = 0; i < OPERATIONS; i++) {
                step(volume, random);
            }
            assertThat(contents(volume)).as(where).isEqualTo(history.getLast());
            assertThat(environment.deaths()).as(where).isEmpty();
            engine = next(engine, loss, random);
        }
        engine.close();
    }

    private int leastAfter(Loss loss) {
        return switch (loss) {
            case CLEAN_STOP, PROCESS_KILLED, PROCESS_KILLED_AND_INDEX_LOST -> history.size() - 1;
            case POWER_LOST -> flushed;
            case DIRECTORY_LOST -> 0;
        };
    }

    private Engine next(Engine engine, Loss loss, SplittableRandom random)
            throws StorageException, IOException {
        MemoryLogDirectory left =
                loss == Loss.POWER_LOST ? log.afterPowerLoss(random) : log.afterProcessDeath();
        if (loss == Loss.CLEAN_STOP) {
            engine.close();
            return open();
        }
        engine.abandon();
        log = left;
        switch (loss) {
            case CLEAN_STOP, PROCESS_KILLED -> {}
            case PROCESS_KILLED_AND_INDEX_LOST -> deleteIndex();
            case POWER_LOST -> environment.reboot("boot-" + (life + 1));
            case DIRECTORY_LOST -> {
                log = new MemoryLogDirectory();
                deleteIndex();
                directory = "directory-" + (life + 1);
            }
        }
        return open();
    }

    private Engine open() throws StorageException {
        return new Engine(
                new Engine.Disks(environment, store, log, folder.resolve("index"), directory));
    }

    private void deleteIndex() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("index"))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void restartHistory(int[] now) {
        history.clear();
        history.add(now);
        flushed = 0;
    }

    private void step(Volume volume, SplittableRandom random) throws StorageException {
        int kind = random.nextInt(100);
        int sectors = 1 + random.nextInt(kind < 5 ? 2000 : 40);
        int lba = random.nextInt(10) == 0 ? random.nextInt(SECTORS) : random.nextInt(HOT_SECTORS);
        int count = Math.min(sectors, SECTORS - lba);
        if (kind < 80) {
            operation++;
            volume.write(lba * 512L, new ByteBuffer[] {stamped(count, operation)}, 1);
            record(lba, count, operation);
        } else if (kind < 86) {
            volume.trim(lba * 512L, count * 512L);
            record(lba, count, 0);
        } else if (kind < 90) {
            volume.writeZeroes(lba * 512L, count * 512L);
            record(lba, count, 0);
        } else if (kind < 91) {
            volume.trim(0, SECTORS * 512L);
            record(0, SECTORS, 0);
        } else if (kind < 96) {
            Flush.now(volume, environment);
            flushed = history.size() - 1;
        } else if (kind < 97) {
            volume.drain();
        } else {
            int[] there = contents(volume);
            assertThat(there).isEqualTo(history.getLast());
        }
    }

    private static ByteBuffer stamped(int sectors, int stamp) {
        ByteBuffer data = ByteBuffer.allocateDirect(sectors * 512);
        while (data.hasRemaining()) {
            data.putInt(stamp);
        }
        return data.flip();
    }

    private void record(int lba, int sectors, int stamp) {
        int[] next = history.getLast().clone();
        Arrays.fill(next, lba, lba + sectors, stamp);
        history.add(next);
    }

    private static int[] contents(Volume volume) throws StorageException {
        ByteBuffer all = ByteBuffer.allocateDirect(SECTORS * 512);
        volume.read(0, all, Holes.unwanted());
        all.flip();
        int[] stamps = new int[SECTORS];
        for (int lba = 0; lba < SECTORS; lba++) {
            stamps[lba] = all.getInt(lba * 512);
            for (int i = 4; i < 512; i += 4) {
                if (all.getInt(lba * 512 + i) != stamps[lba]) {
                    throw new AssertionError("sector " + lba + " is torn");
                }
            }
        }
        return stamps;
    }

    /** The newest state of the history that equals what is there. */
    private int match(int[] there, String where) {
        for (int i = history.size() - 1; i >= 0; i--) {
            if (Arrays.equals(history.get(i), there)) {
                return i;
            }
        }
        throw new AssertionError("no state of the history: " + where);
    }
}
