package io.lsmbd.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.env.SystemLogDirectory;
import io.lsmbd.env.Task;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.VolumeId;
import io.lsmbd.wal.index.ExtentList;
import io.lsmbd.wal.index.WalIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Appenders, flushers and readers of several volumes while files roll, recycle and move. */
class WalStressTest {
    private static final int LBAS = 64;
    private static final int ROUNDS = 4000;
    private final TestEnvironment env = TestLog.environment();
    private final AtomicLong reads = new AtomicLong();

    /** A volume whose block {@code b} holds its number and the latest version written there. */
    private final class Volume implements WalSink {
        final WalIndex index = new WalIndex();
        final AtomicLongArray versions = new AtomicLongArray(LBAS);
        final Wal wal;
        final WalStream stream;

        Volume(Wal wal, int id) throws StorageException {
            this.wal = wal;
            this.stream = wal.stream(new VolumeId(id), 1, 0, this);
        }

        @Override
        public void begins(int records, long payloadSectors) {
            // An index needs not know.
        }

        @Override
        public void brokenOff() {
            throw new AssertionError("nothing fails here");
        }

        @Override
        public void appended(long lsn, WalKind kind, long lba, long sectors, long location) {
            index.put(lba, sectors, location);
        }

        @Override
        public void relocated(long lsn, long lba, long sectors, long from, long to) {
            index.relocate(lba, sectors, from, to);
        }

        /** One thread writes all blocks of the volume. */
        void writeAll(boolean commits) throws StorageException {
            SplittableRandom random = new SplittableRandom(stream.lastLsn());
            for (int i = 1; i <= ROUNDS; i++) {
                int block = random.nextInt(LBAS);
                ByteBuffer payload = ByteBuffer.allocateDirect(8 * 512);
                for (int at = 0; at < 8 * 512; at += 16) {
                    payload.putLong(block).putLong(i);
                }
                stream.write(block * 8L, new ByteBuffer[] {payload.flip()}, 1);
                versions.set(block, i);
                if (commits) {
                    stream.committed(stream.lastLsn());
                } else if (i == 100) {
                    return;
                }
                if (i % 50 == 0) {
                    wal.syncNow();
                }
            }
        }

        void readSome(int count) throws StorageException {
            SplittableRandom random = new SplittableRandom(count);
            ExtentList found = new ExtentList();
            ByteBuffer into = ByteBuffer.allocate(8 * 512);
            for (int i = 0; i < count; i++) {
                int block = random.nextInt(LBAS);
                long atLeast = versions.get(block);
                found.clear();
                index.lookup(block * 8L, 8, found);
                into.clear();
                if (!found.isEmpty() && wal.read(found.location(0), 8, into)) {
                    reads.incrementAndGet();
                    into.flip();
                    long version = into.getLong(8);
                    assertThat(version).isGreaterThanOrEqualTo(atLeast);
                    while (into.hasRemaining()) {
                        assertThat(into.getLong()).isEqualTo(block);
                        assertThat(into.getLong()).isEqualTo(version);
                    }
                }
            }
        }
    }

    @FunctionalInterface
    private interface Body {
        void run() throws StorageException;
    }

    private Task spawn(Body body) {
        return env.spawn(
                "stress",
                () -> {
                    try {
                        body.run();
                    } catch (StorageException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    @Test
    void readersSeeWhatWasWrittenWhileFilesComeAndGo(@TempDir Path folder) throws IOException {
        WalConfig config = TestLog.config(1 << 20);
        try (Wal wal =
                TestLog.open(env, SystemLogDirectory.open(folder), config, new MemoryDigests())) {
            wal.start();
            List<Volume> volumes = new ArrayList<>();
            List<Task> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Volume volume = new Volume(wal, i);
                boolean commits = i > 0;
                volumes.add(volume);
                tasks.add(spawn(() -> volume.writeAll(commits)));
                tasks.add(spawn(() -> volume.readSome(20_000)));
            }
            tasks.forEach(Task::join);
            env.checkNoTaskDied();
            for (Volume volume : volumes) {
                volume.readSome(500);
            }
            assertThat(reads).hasValueGreaterThan(1000);
            assertThat(wal.files().getLast().sequence()).isGreaterThan(100);
        }
        try (Wal wal =
                TestLog.open(
                        TestLog.environment(),
                        SystemLogDirectory.open(folder),
                        config,
                        WalDigests.none())) {
            WalRecords slow = wal.recovery().records(new VolumeId(0));
            assertThat(slow.size()).isEqualTo(100);
            assertThat(slow.problem(0)).isEmpty();
            assertThat(wal.recovery().report().possibleLoss())
                    .isEqualTo(WalRecovery.PossibleLoss.NONE);
        }
    }
}
