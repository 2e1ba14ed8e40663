package io.lsmbd.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.model.VolumeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random histories of appends, syncs, commits, recycling and copying, with kills at any operation
 * of the directory and power losses that keep, lose or tear un-synced pages; after each the log is
 * opened, sometimes killed while it is, and compared with a model.
 */
class CrashSimTest {
    private static final int SEEDS_EACH = 25;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
    void whatWasSyncedIsThereAndTheRestIsAPrefix(int block) throws IOException {
        for (int i = 0; i < SEEDS_EACH; i++) {
            long seed = (long) block * SEEDS_EACH + i;
            try {
                new History(seed).run();
            } catch (AssertionError | RuntimeException | IOException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /** One record, as the model knows it; {@code request}: the first LSN of its request. */
    private record Expected(
            VolumeId volume,
            long lsn,
            long epoch,
            WalKind kind,
            long lba,
            long sectors,
            long request) {}

    private static final class Model {
        final VolumeId id;
        final TreeMap<Long, Expected> records = new TreeMap<>();
        @Nullable WalStream stream;
        @Nullable WalRecords found;
        long committed;
        long epoch;
        long lastLsn;

        Model(VolumeId id) {
            this.id = id;
        }

        WalStream stream() {
            return Objects.requireNonNull(stream);
        }

        WalRecords found() {
            return Objects.requireNonNull(found);
        }
    }

    private static final class History {
        private final SplittableRandom random;
        private final WalConfig config;
        private final List<Model> models = new ArrayList<>();

        private final MemoryDigests digests = new MemoryDigests();
        private MemoryDirectory directory = new MemoryDirectory();
        private int boot = 1;

        /** In the order of the log since it was opened last. */
        private List<Expected> order = new ArrayList<>();

        /** So many of them had been synced, so many had returned, when the process died. */
        private int synced;

        private int acknowledged;
        private boolean wasPowerLost;

        History(long seed) {
            random = new SplittableRandom(seed);
            config = TestLog.config(random.nextBoolean() ? 1 << 20 : 4 << 20);
            int volumes = 1 + random.nextInt(3);
            for (int i = 0; i < volumes; i++) {
                models.add(new Model(new VolumeId(100 + i)));
            }
        }

        void run() throws IOException {
            for (int life = 0; life < 6; life++) {
                Wal wal = openDespiteKills();
                check(wal);
                attach(wal);
                live(wal);
                die();
            }
        }

        private Wal openDespiteKills() throws IOException {
            while (true) {
                TestEnvironment env = new TestEnvironment("boot-" + boot, random.nextLong());
                directory.killAfter(random.nextInt(3) == 0 ? random.nextInt(25) : Long.MAX_VALUE);
                try {
                    Wal wal = TestLog.open(env, directory, config, digests);
                    directory.killAfter(Long.MAX_VALUE);
                    return wal;
                } catch (MemoryDirectory.Killed _) {
                    crashDisk();
                }
            }
        }

        private void live(Wal wal) throws IOException {
            directory.killAfter(random.nextInt(4) == 0 ? Long.MAX_VALUE : random.nextInt(400));
            try {
                int steps = random.nextInt(300);
                for (int i = 0; i < steps; i++) {
                    step(wal);
                }
                if (random.nextInt(4) == 0) {
                    wal.close();
                    synced = order.size();
                }
            } catch (MemoryDirectory.Killed _) {
                return;
            }
        }

        private void step(Wal wal) throws IOException {
            Model model = models.get(random.nextInt(models.size()));
            switch (random.nextInt(16)) {
                case 0, 1 -> {
                    wal.syncNow();
                    synced = order.size();
                }
                case 2, 3 -> wal.recycleOnce();
                case 4, 5, 6 -> {
                    long left = model.lastLsn - model.committed;
                    // The first volume is slow: its records get copied forward.
                    if (left > 0 && (model != models.get(0) || random.nextInt(20) == 0)) {
                        model.committed += 1 + random.nextLong(left);
                        model.stream().committed(model.committed);
                    }
                }
                case 7 -> hole(wal, model);
                default -> write(wal, model);
            }
        }

        private void hole(Wal wal, Model model) throws IOException {
            if (!wal.acceptsWithoutWaiting(0)) {
                return;
            }
            WalKind kind = random.nextBoolean() ? WalKind.TRIM : WalKind.ZERO;
            long sectors = 1 + random.nextLong(1L << 40);
            expect(model, kind, 3, sectors, 0);
            WalStream stream = model.stream();
            long lsn =
                    kind == WalKind.TRIM ? stream.trim(3, sectors) : stream.writeZeroes(3, sectors);
            acknowledge(model, lsn);
        }

        private void write(Wal wal, Model model) throws IOException {
            boolean large = random.nextInt(5) == 0 && model != models.get(0);
            int sectors = 1 + random.nextInt(large ? 240 : 20);
            if (!wal.acceptsWithoutWaiting(sectors * 512L) || wal.usedBytes() > 700_000) {
                wal.recycleOnce();
                return;
            }
            long lba = random.nextInt(10_000);
            List<ByteBuffer> pieces = new ArrayList<>();
            for (int at = 0; at < sectors; at += 128) {
                int here = Math.min(128, sectors - at);
                pieces.add(TestLog.payload(model.lastLsn + 1 + pieces.size(), here));
                expect(model, WalKind.WRITE, lba + at, here, at / 128);
            }
            long lsn = model.stream().write(lba, pieces.toArray(ByteBuffer[]::new), pieces.size());
            acknowledge(model, lsn);
        }

        private void expect(Model model, WalKind kind, long lba, long sectors, int partOfRequest) {
            long known = model.records.isEmpty() ? 0 : last(model);
            long lsn = Math.max(model.lastLsn, known) + 1;
            Expected record =
                    new Expected(
                            model.id, lsn, model.epoch, kind, lba, sectors, lsn - partOfRequest);
            model.records.put(lsn, record);
            order.add(record);
        }

        private static long last(Model model) {
            return model.records.lastKey();
        }

        private void acknowledge(Model model, long lsn) {
            assertThat(lsn).isEqualTo(last(model));
            model.lastLsn = lsn;
            acknowledged = order.size();
        }

        private void die() {
            crashDisk();
        }

        private void crashDisk() {
            if (random.nextBoolean()) {
                directory = directory.afterKill();
            } else {
                directory = directory.afterPowerLoss(random);
                boot++;
                wasPowerLost = true;
            }
        }

        /** What must be there: a prefix, long enough; a committed record need not. */
        private void check(Wal wal) throws IOException {
            int needed = wasPowerLost ? synced : acknowledged;
            int cut = 0;
            for (Model model : models) {
                WalRecords records = wal.recovery().records(model.id);
                model.found = records;
                assertThat(records.problem(model.committed)).isEmpty();
                checkContents(wal, model, records);
            }
            for (int i = 0; i < order.size(); i++) {
                if (holds(model(order.get(i).volume).found(), order.get(i))) {
                    cut = i + 1;
                }
            }
            cut = Math.max(cut, needed);
            for (int i = 0; i < cut; i++) {
                Expected it = order.get(i);
                if (it.lsn > model(it.volume).committed) {
                    assertThat(holds(model(it.volume).found(), it)).as("%d: %s", i, it).isTrue();
                }
            }
            checkRequestsAreWhole();
            for (Expected lost : order.subList(cut, order.size())) {
                model(lost.volume).records.remove(lost.lsn);
            }
            for (Model model : models) {
                long kept = model.records.isEmpty() ? 0 : last(model);
                model.lastLsn = Math.max(model.committed, kept);
            }
            order = new ArrayList<>();
            synced = 0;
            acknowledged = 0;
            wasPowerLost = false;
        }

        /** Commits of this test end anywhere: what they cover may be there in part. */
        private void checkRequestsAreWhole() {
            for (int i = 1; i < order.size(); i++) {
                Expected it = order.get(i);
                Model model = model(it.volume);
                if (it.request < it.lsn && it.request > model.committed) {
                    assertThat(holds(model.found(), it))
                            .as("as the record before it: %s", it)
                            .isEqualTo(holds(model.found(), order.get(i - 1)));
                }
            }
        }

        private Model model(VolumeId id) {
            return models.stream().filter(it -> it.id.equals(id)).findFirst().orElseThrow();
        }

        private static boolean holds(WalRecords records, Expected record) {
            for (int i = 0; i < records.size(); i++) {
                if (records.lsn(i) == record.lsn && records.epoch(i) == record.epoch) {
                    return true;
                }
            }
            return false;
        }

        private void checkContents(Wal wal, Model model, WalRecords records) throws IOException {
            for (int i = 0; i < records.size(); i++) {
                Expected expected = model.records.get(records.lsn(i));
                if (expected == null || expected.epoch != records.epoch(i)) {
                    // Lost in a crash before this one, or committed and replaced: not needed.
                    assertThat(records.lsn(i)).isLessThanOrEqualTo(model.committed);
                    continue;
                }
                assertThat(records.kind(i)).isEqualTo(expected.kind);
                assertThat(records.lba(i)).isEqualTo(expected.lba);
                assertThat(records.sectors(i)).isEqualTo(expected.sectors);
                if (expected.kind == WalKind.WRITE) {
                    assertThat(TestLog.read(wal, records.location(i)))
                            .isEqualTo(
                                    TestLog.payload(expected.lsn, (int) expected.sectors).array());
                }
            }
            // What an earlier check found stays, unless committed.
            for (Expected it : model.records.tailMap(model.committed, false).values()) {
                if (!order.contains(it)) {
                    assertThat(holds(records, it)).as("kept before: %s", it).isTrue();
                }
            }
        }

        private void attach(Wal wal) throws IOException {
            for (Model model : models) {
                model.epoch++;
                WalStream stream =
                        wal.stream(
                                model.id, model.epoch, model.lastLsn, new TestLog.RecordingSink());
                stream.committed(model.committed);
                model.stream = stream;
            }
            if (random.nextBoolean()) {
                wal.recovery().release();
            }
        }
    }
}
