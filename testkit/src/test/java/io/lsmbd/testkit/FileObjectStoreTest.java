package io.lsmbd.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.objectstore.ETag;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.file.FileObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileObjectStoreTest extends ObjectStoreContract {
    private static final ObjectKey KEY = new ObjectKey("v/1/manifest");
    private static final PutCondition IF_ABSENT = new PutCondition.IfAbsent();

    @TempDir private Path folder;

    @Override
    protected ObjectStore open() throws IOException {
        return FileObjectStore.open(root(), () -> 1_000);
    }

    private Path root() {
        return folder.resolve("new/store");
    }

    private static List<ByteBuffer> body(String text) {
        return List.of(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    private static ETag stored(PutOutcome outcome) {
        assertThat(outcome).isInstanceOf(PutOutcome.Stored.class);
        return ((PutOutcome.Stored) outcome).etag();
    }

    private static void assertText(String expected, ObjectStore store) throws IOException {
        assertThat(new String(store.get(KEY).bytes(), UTF_8)).isEqualTo(expected);
    }

    private static void assertOutlook(Outlook outlook, ObjectStore store) {
        assertThatThrownBy(() -> store.get(KEY))
                .isInstanceOfSatisfying(
                        ObjectStoreException.class,
                        e -> assertThat(e.outlook()).isEqualTo(outlook));
    }

    @Test
    void anObjectIsAFileWithItsBytes() throws IOException {
        stored(store().put(KEY, body("plain"), IF_ABSENT));
        assertThat(root().resolve("v/1/manifest")).hasContent("plain");
    }

    @Test
    void foreignAndTemporaryFilesAreNotListed() throws IOException {
        stored(store().put(KEY, body("x"), IF_ABSENT));
        Files.writeString(root().resolve("v/1/.hidden"), "");
        Files.writeString(root().resolve("v/1/with space"), "");
        Files.writeString(root().resolve("v/1/backup~"), "");
        Files.createDirectories(root().resolve("v/2/empty"));
        assertThat(store().list("", null, 100).objects().stream().map(ObjectInfo::key))
                .containsExactly(KEY);
    }

    @Test
    void noTemporaryFileStaysBehind() throws IOException {
        ETag etag = stored(store().put(KEY, body("x"), IF_ABSENT));
        PutCondition ifFirst = new PutCondition.IfMatches(etag);
        PutOutcome failed = new PutOutcome.ConditionFailed();
        assertThat(store().put(KEY, body("y"), IF_ABSENT)).isEqualTo(failed);
        stored(store().put(KEY, body("z"), ifFirst));
        assertThat(store().put(KEY, body("z"), ifFirst)).isEqualTo(failed);
        stored(store().put(KEY, body("w"), new PutCondition.Unconditional()));
        assertThat(filesOfSessions()).singleElement().asString().endsWith("alive");
    }

    private List<Path> filesOfSessions() throws IOException {
        try (Stream<Path> files = Files.walk(root().resolve(".lsmbd/session"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void deadSessionsAreRemovedAndLivingOnesAreNot() throws IOException {
        Path dead = Files.createDirectories(root().resolve(".lsmbd/session/1-1-crashed"));
        Files.writeString(dead.resolve("alive"), "");
        Files.writeString(dead.resolve("7"), "half an object");
        Path newborn = Files.createDirectories(root().resolve(".lsmbd/session/1-1-newborn"));
        Path foreign = Files.createFile(root().resolve(".lsmbd/session/file"));
        ObjectStore second = open();
        Files.delete(foreign);
        assertThat(dead).doesNotExist();
        assertThat(newborn).doesNotExist();
        assertThat(filesOfSessions()).hasSize(2);
        second.close();
        stored(store().put(KEY, body("still works"), IF_ABSENT));
        assertThat(filesOfSessions()).hasSize(1);
    }

    @Test
    void twoStoresOnOneFolderSeeEachOther() throws IOException {
        ObjectStore second = open();
        ETag etag = stored(store().put(KEY, body("one"), IF_ABSENT));
        assertText("one", second);
        stored(second.put(KEY, body("two"), new PutCondition.IfMatches(etag)));
        assertText("two", store());
        second.delete(List.of(KEY));
        assertOutlook(Outlook.NOT_FOUND, store());
        second.close();
    }

    /** The clock of this test stands still, or goes back. */
    @Test
    void versionsDifferWhateverTheClockDoes() throws IOException {
        Set<ETag> seen = new HashSet<>();
        ObjectStore second = open();
        ObjectStore older = FileObjectStore.open(root(), () -> 10);
        for (int i = 0; i < 90; i++) {
            ObjectStore writer = List.of(store(), second, older).get(i % 3);
            PutOutcome outcome = writer.put(KEY, body("same"), new PutCondition.Unconditional());
            assertThat(seen.add(stored(outcome))).isTrue();
        }
        second.close();
        older.close();
    }

    @Test
    void anEmptyMountPointIsNotAnEmptyStore() throws IOException {
        stored(store().put(KEY, body("x"), IF_ABSENT));
        Path elsewhere = folder.resolve("elsewhere");
        Files.move(root(), elsewhere);
        Files.createDirectories(root());
        assertOutlook(Outlook.RETRYABLE, store());
        assertThatThrownBy(() -> store().list("", null, 10))
                .isInstanceOf(ObjectStoreException.class);
        assertThatThrownBy(() -> store().delete(List.of(KEY)))
                .isInstanceOf(ObjectStoreException.class);
        assertThatThrownBy(() -> store().put(KEY, body("y"), IF_ABSENT))
                .isInstanceOf(ObjectStoreException.class);
        assertThat(root()).isEmptyDirectory();
        Files.delete(root());
        Files.move(elsewhere, root());
        assertText("x", store());
    }

    @Test
    void aKeyThatIsAFolderCannotBeStored() throws IOException {
        stored(store().put(KEY, body("x"), IF_ABSENT));
        ObjectKey folderOfKeys = new ObjectKey("v/1");
        for (PutCondition condition : List.of(IF_ABSENT, new PutCondition.Unconditional())) {
            assertThatThrownBy(() -> store().put(folderOfKeys, body("y"), condition))
                    .isInstanceOf(ObjectStoreException.class);
        }
        assertText("x", store());
    }
}
