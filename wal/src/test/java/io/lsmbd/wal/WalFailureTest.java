package io.lsmbd.wal;

import static io.lsmbd.wal.TestLog.VOLUME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.FencedException;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.wal.MemoryDirectory.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class WalFailureTest {
    private final MemoryDirectory directory = new MemoryDirectory();
    private final TestLog.RecordingSink sink = new TestLog.RecordingSink();

    /** Remembers what it is told. */
    private static final class Answers implements SyncListener {
        private final List<String> all = new ArrayList<>();

        @Override
        public synchronized void synced() {
            all.add("synced");
        }

        @Override
        public synchronized void failed(StorageException cause) {
            all.add(cause.getClass().getSimpleName());
        }

        synchronized List<String> all() {
            return List.copyOf(all);
        }
    }

    @Test
    void aFailedSyncPoisonsTheLogForGood() throws IOException {
        Wal wal = TestLog.open(directory);
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        TestLog.write(stream, 0, 1);
        Answers answers = new Answers();
        wal.sync(answers);
        directory.failWhen((operation, name) -> operation == Operation.SYNC);
        long before = wal.syncedPosition();
        assertThatThrownBy(wal::syncNow).isInstanceOf(LocalStorageException.class);
        // The disk is well again; nothing may be believed nevertheless.
        directory.failWhen((operation, name) -> false);
        assertThat(answers.all()).containsExactly("LocalStorageException");
        wal.sync(answers);
        assertThat(answers.all()).hasSize(2).doesNotContain("synced");
        assertThatThrownBy(wal::syncNow).isInstanceOf(LocalStorageException.class);
        assertThatThrownBy(() -> TestLog.write(stream, 0, 1))
                .isInstanceOf(LocalStorageException.class);
        assertThatThrownBy(() -> stream.trim(0, 1)).isInstanceOf(LocalStorageException.class);
        assertThat(wal.syncedPosition()).isEqualTo(before);
        assertThat(TestLog.read(wal, sink.last().location())).hasSize(512);
        wal.recycleOnce();
        wal.close();
        try (Wal reopened = TestLog.open(directory.afterKill())) {
            assertThat(reopened.recovery().records(VOLUME).size()).isEqualTo(1);
        }
    }

    @Test
    void aFailedWritePoisonsTheLogAndIsATornTail() throws IOException {
        Wal wal = TestLog.open(directory);
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        TestLog.write(stream, 0, 1);
        directory.failWhen((operation, name) -> operation == Operation.WRITE);
        assertThatThrownBy(() -> TestLog.write(stream, 0, 1))
                .isInstanceOf(LocalStorageException.class);
        directory.failWhen((operation, name) -> false);
        assertThatThrownBy(() -> TestLog.write(stream, 0, 1))
                .isInstanceOf(LocalStorageException.class);
        assertThat(sink.appended).hasSize(1);
        assertThat(stream.lastLsn()).isEqualTo(1);
        try (Wal reopened = TestLog.open(directory.afterKill())) {
            assertThat(reopened.recovery().records(VOLUME).size()).isEqualTo(1);
        }
    }

    @Test
    void aFullDiskDelaysTheNextFileOnly() throws IOException {
        Wal wal = TestLog.open(directory);
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        directory.failWhen((operation, name) -> operation == Operation.CREATE);
        wal.recycleOnce();
        TestLog.write(stream, 0, 100);
        assertThat(wal.acceptsWithoutWaiting(100 * 512)).isTrue();
        TestLog.write(stream, 0, 100);
        assertThat(wal.acceptsWithoutWaiting(100 * 512)).isFalse();
        directory.failWhen((operation, name) -> false);
        wal.recycleOnce();
        assertThat(wal.acceptsWithoutWaiting(100 * 512)).isTrue();
        TestLog.write(stream, 0, 100);
        wal.close();
    }

    @Test
    void anUnsyncedDirectoryPoisonsTheLog() throws IOException {
        Wal wal = TestLog.open(directory);
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        directory.failWhen((operation, name) -> operation == Operation.SYNC_DIRECTORY);
        wal.recycleOnce();
        assertThatThrownBy(() -> TestLog.write(stream, 0, 1))
                .isInstanceOf(LocalStorageException.class);
    }

    @Test
    void aFailedAppendWakesThoseWhoWaitForRoom() throws IOException {
        TestEnvironment env = TestLog.environment();
        Wal wal = TestLog.open(env, directory, WalDigests.none());
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        List<Throwable> failures = new ArrayList<>();
        var waiter = new AtomicReference<Thread>();
        var waiting =
                env.spawn(
                        "waiting",
                        () -> {
                            waiter.set(Thread.currentThread());
                            try {
                                while (true) {
                                    TestLog.write(stream, 0, 100);
                                }
                            } catch (StorageException e) {
                                failures.add(e);
                            }
                        });
        stream.close();
        waiting.join();
        assertThat(failures.getFirst()).isInstanceOf(VolumeClosedException.class);
        wal.close();
    }

    /** A log full of what other hosts' volumes left has no room, and will have none. */
    @Test
    void aVolumeThatFailsKeepsNobodyWaitingForRoom() throws IOException {
        TestEnvironment env = TestLog.environment();
        Wal wal = TestLog.open(env, directory, WalDigests.none());
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        while (stream.acceptsWithoutWaiting(100 * 512)) {
            TestLog.write(stream, 0, 100);
        }
        List<Throwable> failures = new ArrayList<>();
        var waiter = new AtomicReference<Thread>();
        var waiting =
                env.spawn(
                        "waiting",
                        () -> {
                            waiter.set(Thread.currentThread());
                            try {
                                TestLog.write(stream, 0, 100);
                            } catch (StorageException e) {
                                failures.add(e);
                            }
                        });
        while (waiter.get() == null || waiter.get().getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        StorageException fenced = new FencedException("vol1", 1, 2);
        stream.fail(fenced);
        waiting.join();
        assertThat(failures).singleElement().isInstanceOf(VolumeClosedException.class);
        assertThat(failures.getFirst()).hasCause(fenced);
        assertThatThrownBy(() -> TestLog.write(stream, 0, 1)).hasCause(fenced);
        stream.close();
        assertThatThrownBy(() -> TestLog.write(stream, 0, 1))
                .isInstanceOf(VolumeClosedException.class)
                .hasNoCause();
        wal.close();
    }

    @Test
    void closingAnswersEveryoneAndIsIdempotent() throws IOException {
        Wal wal = TestLog.open(directory);
        wal.start();
        WalStream stream = wal.stream(VOLUME, 1, 0, sink);
        TestLog.write(stream, 0, 1);
        Answers answers = new Answers();
        wal.sync(answers);
        wal.close();
        wal.close();
        assertThat(answers.all()).containsExactly("synced");
        wal.sync(answers);
        assertThat(answers.all()).containsExactly("synced", "VolumeClosedException");
        assertThatThrownBy(() -> TestLog.write(stream, 0, 1))
                .isInstanceOf(VolumeClosedException.class);
    }

    @Test
    void aCloseThatCannotSyncSaysSoAndIsNotClean() throws IOException {
        Wal wal = TestLog.open(directory);
        TestLog.write(wal.stream(VOLUME, 1, 0, sink), 0, 1);
        directory.failWhen((operation, name) -> operation == Operation.SYNC);
        assertThatThrownBy(wal::close).isInstanceOf(LocalStorageException.class);
        var env = new TestEnvironment("another boot", 2);
        directory.failWhen((operation, name) -> false);
        try (Wal reopened = TestLog.open(env, directory.afterKill(), WalDigests.none())) {
            assertThat(reopened.recovery().report().possibleLoss())
                    .isEqualTo(WalRecovery.PossibleLoss.UNCLEAN_HOST_BOOT);
        }
    }

    @Test
    void aSyncWithNothingToDoIsAnsweredAtOnce() throws IOException {
        Wal wal = TestLog.open(directory);
        Answers answers = new Answers();
        wal.sync(answers);
        assertThat(answers.all()).containsExactly("synced");
        TestLog.write(wal.stream(VOLUME, 1, 0, sink), 0, 1);
        wal.sync(answers);
        assertThat(answers.all()).hasSize(1);
        wal.syncNow();
        assertThat(answers.all()).containsExactly("synced", "synced");
    }
}
