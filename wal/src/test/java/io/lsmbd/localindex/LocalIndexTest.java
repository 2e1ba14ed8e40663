package io.lsmbd.localindex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.model.DataSize;
import io.lsmbd.model.VolumeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalIndexTest {
    private static final LocalIndexConfig CONFIG =
            new LocalIndexConfig(DataSize.ofMebibytes(8), DataSize.ofMebibytes(2), 1, 64);
    private static final VolumeId VOLUME = new VolumeId(7);
    private static final VolumeId LAST = new VolumeId(-1);

    @TempDir Path temp;
    private Path folder;

    @BeforeEach
    void chooseFolder() {
        folder = temp.resolve("index");
    }

    private static void putPages(LocalIndex index, VolumeId volume, long... pages)
            throws IOException {
        try (MapBatch batch = index.newBatch(volume)) {
            for (long page : pages) {
                batch.putPage(page, new byte[] {(byte) page, 1, 2});
                batch.putSegmentState(page, new byte[] {(byte) page});
            }
            batch.putMeta(new byte[] {9});
            index.write(batch);
        }
    }

    private static List<Long> pagesOf(LocalIndex index, VolumeId volume) throws IOException {
        List<Long> pages = new ArrayList<>();
        index.forEachMapPage(volume, 0, 1L << 40, (page, _) -> pages.add(page));
        return pages;
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> walk = Files.walk(from)) {
            for (Path source : walk.toList()) {
                Files.copy(source, to.resolve(from.relativize(source)));
            }
        }
    }

    private static Path largestTable(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".sst"))
                    .max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length()))
                    .orElseThrow();
        }
    }

    @Test
    void pagesComeBackInNumericOrderPerVolume() throws IOException {
        try (LocalIndex index = LocalIndex.open(folder, CONFIG)) {
            assertThat(index.origin()).isEqualTo(new IndexOrigin.Created());
            putPages(index, VOLUME, 300, 2, 1L << 33);
            putPages(index, LAST, 5);
            assertThat(pagesOf(index, VOLUME)).containsExactly(2L, 300L, 1L << 33);
            assertThat(pagesOf(index, LAST)).containsExactly(5L);
            assertThat(index.getMapPage(VOLUME, 2)).containsExactly(2, 1, 2);
            assertThat(index.getMapPage(VOLUME, 3)).isNull();
            assertThat(index.nextMapPage(VOLUME, 3, 1000)).isEqualTo(300);
            assertThat(index.nextMapPage(VOLUME, 3, 300)).isEqualTo(300);
            assertThat(index.nextMapPage(VOLUME, 301, 1000)).isEqualTo(1000);
        }
    }

    @Test
    void everythingSurvivesAProperClose() throws IOException {
        UUID file = new UUID(1, -2);
        try (LocalIndex index = LocalIndex.open(folder, CONFIG)) {
            putPages(index, VOLUME, 1);
            index.putWalDigest(file, new byte[] {4});
            index.putFrameTable(VOLUME, 3, new byte[1000]);
        }
        try (LocalIndex index = LocalIndex.open(folder, CONFIG)) {
            assertThat(index.origin()).isEqualTo(new IndexOrigin.Opened());
            assertThat(index.getMeta(VOLUME)).containsExactly(9);
            assertThat(index.listWalDigests()).containsExactly(file);
            assertThat(index.getWalDigest(file)).containsExactly(4);
            assertThat(index.getFrameTable(VOLUME, 3)).hasSize(1000);
        }
    }

    @Test
    void aCrashLeavesTheStateOfTheLastFlushInAllFamilies() throws IOException {
        Path afterCrash = temp.resolve("crashed");
        try (LocalIndex index = LocalIndex.open(folder, CONFIG)) {
            putPages(index, VOLUME, 1);
            index.flush();
            putPages(index, VOLUME, 2);
            index.putFrameTable(VOLUME, 3, new byte[10]);
            copyTree(folder, afterCrash);
        }
        try (LocalIndex index = LocalIndex.open(afterCrash, CONFIG)) {
            assertThat(pagesOf(index, VOLUME)).containsExactly(1L);
            List<Long> segments = new ArrayList<>();
            index.forEachSegmentState(VOLUME, (segment, _) -> segments.add(segment));
            assertThat(segments).containsExactly(1L);
            assertThat(index.getFrameTable(VOLUME, 3)).isNull();
        }
    }

    @Test
    void aDroppedVolumeStaysDroppedThroughACrash() throws IOException {
        Path afterCrash = temp.resolve("crashed");
        try (LocalIndex index = LocalIndex.open(folder, CONFIG)) {
            putPages(index, VOLUME, 0, 1, -1L >>> 1);
            putPages(index, new VolumeId(8), 1);
            putPages(index, LAST, 1);
            index.flush();
            index.dropVolume(VOLUME);
            index.dropVolume(LAST);
            copyTree(folder, afterCrash);
        }
        try (LocalIndex index = LocalIndex.open(afterCrash, CONFIG)) {
            assertThat(pagesOf(index, VOLUME)).isEmpty();
            assertThat(pagesOf(index, LAST)).isEmpty();
            assertThat(index.getMeta(VOLUME)).isNull();
            assertThat(pagesOf(index, new VolumeId(8))).containsExactly(1L);
        }
    }

    @Test
    void aValueUnderAnotherKeyIsDamage() throws IOException {
        byte[] key = LocalIndexFormat.volumeKey(VOLUME);
        byte[] sealed = LocalIndexFormat.seal(key, new byte[] {1, 2, 3});
        assertThat(LocalIndexFormat.isIntact(key, sealed)).isTrue();
        assertThat(LocalIndexFormat.isIntact(LocalIndexFormat.volumeKey(LAST), sealed)).isFalse();
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] flipped = sealed.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(LocalIndexFormat.isIntact(key, flipped)).isFalse();
        }
        assertThat(LocalIndexFormat.isIntact(key, new byte[3])).isFalse();
    }

    @Test
    void aFlippedBitInATableIsReportedAndTheNextStartRebuilds() throws IOException {
        try (LocalIndex index = LocalIndex.open(folder, CONFIG)) {
            try (MapBatch batch = index.newBatch(VOLUME)) {
                batch.putPage(1, new byte[100_000]);
                index.write(batch);
            }
        }
        flipByte(largestTable(folder), 100);
        try (LocalIndex index = LocalIndex.open(folder, CONFIG)) {
            assertThat(index.origin()).isEqualTo(new IndexOrigin.Opened());
            assertThatThrownBy(() -> index.getMapPage(VOLUME, 1))
                    .isInstanceOf(CorruptDataException.class);
        }
        try (LocalIndex index = LocalIndex.open(folder, CONFIG)) {
            assertThat(index.origin()).isInstanceOf(IndexOrigin.Rebuilt.class);
            assertThat(index.getMapPage(VOLUME, 1)).isNull();
        }
    }

    private static void flipByte(Path file, long position) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 4)).flip();
            channel.write(one, position);
        }
    }

    @Test
    void aDamagedFolderIsMovedAsideAndOnlyTheLatestIsKept() throws IOException {
        for (int round = 0; round < 2; round++) {
            try (LocalIndex index = LocalIndex.open(folder, CONFIG)) {
                putPages(index, VOLUME, 1);
            }
            Files.writeString(folder.resolve("CURRENT"), "MANIFEST-nonsense\n");
            Files.writeString(folder.resolve("round"), "" + round);
            try (LocalIndex index = LocalIndex.open(folder, CONFIG)) {
                assertThat(index.origin())
                        .isInstanceOfSatisfying(
                                IndexOrigin.Rebuilt.class,
                                it -> assertThat(it.movedTo()).isDirectory());
                assertThat(pagesOf(index, VOLUME)).isEmpty();
            }
        }
        Path aside = temp.resolve("index.damaged-1");
        assertThat(aside.resolve("round")).hasContent("1");
        try (Stream<Path> all = Files.list(temp)) {
            assertThat(all).containsExactlyInAnyOrder(folder, aside);
        }
    }

    @Test
    void aFolderWithoutItsTablesIsRebuilt() throws IOException {
        try (LocalIndex index = LocalIndex.open(folder, CONFIG)) {
            putPages(index, VOLUME, 1);
        }
        Files.delete(largestTable(folder));
        try (LocalIndex index = LocalIndex.open(folder, CONFIG)) {
            assertThat(index.origin()).isInstanceOf(IndexOrigin.Rebuilt.class);
        }
    }

    @Test
    void aFolderInUseIsAnErrorAndNotDamage() throws IOException {
        try (LocalIndex index = LocalIndex.open(folder, CONFIG)) {
            assertThatThrownBy(() -> LocalIndex.open(folder, CONFIG))
                    .isInstanceOf(LocalStorageException.class);
            putPages(index, VOLUME, 1);
            assertThat(pagesOf(index, VOLUME)).containsExactly(1L);
        }
    }

    @Test
    void nothingReachesTheDatabaseAfterClose() throws IOException {
        LocalIndex index = LocalIndex.open(folder, CONFIG);
        MapBatch batch = index.newBatch(VOLUME);
        index.close();
        index.close();
        assertThatThrownBy(() -> index.getMeta(VOLUME)).isInstanceOf(VolumeClosedException.class);
        assertThatThrownBy(() -> batch.putMeta(new byte[1]))
                .isInstanceOf(VolumeClosedException.class);
        assertThatThrownBy(() -> index.write(batch)).isInstanceOf(VolumeClosedException.class);
        batch.close();
    }
}
