package io.lsmbd.wal;

import io.lsmbd.env.LogDirectory;
import io.lsmbd.error.StorageException;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Makes logs and records for tests. */
final class TestLog {
    static final VolumeId VOLUME = new VolumeId(7);
    static final VolumeId OTHER = new VolumeId(8);
    static final WalConfig SMALL = config(4 << 20);

    private TestLog() {}

    static WalConfig config(long budgetBytes) {
        return new WalConfig(
                new DataSize(128 << 10), new DataSize(budgetBytes), Duration.ofHours(1), 2, 0.5);
    }

    static TestEnvironment environment() {
        return new TestEnvironment("boot-1", 1);
    }

    static Wal open(LogDirectory directory) throws StorageException {
        return open(environment(), directory, WalDigests.none());
    }

    static Wal open(TestEnvironment env, LogDirectory directory, WalDigests digests)
            throws StorageException {
        return open(env, directory, SMALL, digests);
    }

    static Wal open(
            TestEnvironment env, LogDirectory directory, WalConfig config, WalDigests digests)
            throws StorageException {
        return Wal.open(env, directory, config, digests, new WalMetrics(new SimpleMeterRegistry()));
    }

    /** What a record of that LSN holds in these tests. */
    static ByteBuffer payload(long lsn, int sectors) {
        byte[] bytes = new byte[sectors * 512];
        new SplittableRandom(lsn).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    static long write(WalStream stream, long lba, int sectors) throws StorageException {
        return stream.write(lba, new ByteBuffer[] {payload(stream.lastLsn() + 1, sectors)}, 1);
    }

    static byte[] read(Wal wal, long location) throws StorageException {
        int sectors = WalLocation.recordSectors(location);
        ByteBuffer into = ByteBuffer.allocate(sectors * 512);
        if (!wal.read(location, sectors, into)) {
            throw new AssertionError("recycled: " + WalLocation.describe(location));
        }
        return into.array();
    }

    /** A call to a sink. */
    record Appended(long lsn, WalKind kind, long lba, long sectors, long location) {}

    /** Remembers what it is told, following moves. */
    static final class RecordingSink implements WalSink {
        final List<Appended> appended = new ArrayList<>();
        int moves;
        int brokenOff;
        private int runAt;
        private Runnable atRecord = () -> {};

        /** Records of requests of several, in the order of {@link #begins}. */
        final List<Integer> requests = new ArrayList<>();

        @Override
        public synchronized void begins(int records, long payloadSectors) {
            requests.add(records);
        }

        @Override
        public synchronized void brokenOff() {
            brokenOff++;
        }

        @Override
        public synchronized void appended(
                long lsn, WalKind kind, long lba, long sectors, long location) {
            appended.add(new Appended(lsn, kind, lba, sectors, location));
            if (appended.size() == runAt) {
                atRecord.run();
            }
            notifyAll();
        }

        /** Has something done when that many records were appended. */
        synchronized void atRecord(int count, Runnable step) {
            runAt = count;
            atRecord = step;
        }

        /** Waits until that many records were appended. */
        synchronized void awaitAppended(int count) {
            try {
                while (appended.size() < count) {
                    wait();
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public synchronized void relocated(
                long lsn, long lba, long sectors, long fromLocation, long toLocation) {
            moves++;
            appended.replaceAll(it ->
                    it.location == fromLocation
                            ? new Appended(lsn, it.kind, lba, sectors, toLocation)
                            : it);
        }

        synchronized Appended last() {
            return appended.getLast();
        }
    }
}
