package io.lsmbd.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.objectstore.ETag;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What lsmbd relies on in an object store. Every implementation's test extends this. */
public abstract class ObjectStoreContract {
    private static final int RACERS = 16;
    private static final int ROUNDS = 25;
    private static final ObjectKey KEY = new ObjectKey("v/0123456789abcdef/manifest");
    private static final PutCondition IF_ABSENT = new PutCondition.IfAbsent();
    private static final PutCondition UNCONDITIONAL = new PutCondition.Unconditional();

    private @Nullable ObjectStore opened;

    /** A new and empty store. */
    protected abstract ObjectStore open() throws IOException;

    @BeforeEach
    void openStore() throws IOException {
        opened = open();
    }

    @AfterEach
    void closeStore() {
        store().close();
    }

    protected final ObjectStore store() {
        if (opened == null) {
            throw new IllegalStateException("not open");
        }
        return opened;
    }

    private PutOutcome put(ObjectKey key, String text, PutCondition condition) throws IOException {
        return store().put(key, List.of(ByteBuffer.wrap(text.getBytes(UTF_8))), condition);
    }

    private ETag stored(ObjectKey key, String text, PutCondition condition) throws IOException {
        return etagOf(put(key, text, condition));
    }

    private static ETag etagOf(PutOutcome outcome) {
        assertThat(outcome).isInstanceOf(PutOutcome.Stored.class);
        return ((PutOutcome.Stored) outcome).etag();
    }

    private String text(ObjectKey key) throws IOException {
        return new String(store().get(key).bytes(), UTF_8);
    }

    private static void assertOutlook(Outlook expected, ThrowingCallable call) {
        ObjectStoreException e = catchThrowableOfType(ObjectStoreException.class, call);
        assertThat(e).isNotNull();
        assertThat(e.outlook()).isEqualTo(expected);
    }

    @Test
    void whatWasPutIsThere() throws IOException {
        ETag etag = stored(KEY, "hello", IF_ABSENT);
        StoredObject object = store().get(KEY);
        assertThat(new String(object.bytes(), UTF_8)).isEqualTo("hello");
        assertThat(object.etag()).isEqualTo(etag);
        ObjectInfo info = store().info(KEY);
        assertThat(info.sizeBytes()).isEqualTo(5);
        assertThat(info.etag()).isEqualTo(etag);
        assertThat(info.key()).isEqualTo(KEY);
        assertThat(store().list("v/", null, 10).objects()).containsExactly(info);
    }

    @Test
    void anAbsentObjectIsNotFound() {
        assertOutlook(Outlook.NOT_FOUND, () -> store().get(KEY));
        assertOutlook(Outlook.NOT_FOUND, () -> store().info(KEY));
        assertOutlook(Outlook.NOT_FOUND, () -> store().read(KEY, 0, ByteBuffer.allocate(1)));
    }

    @Test
    void anObjectBelowAnotherOneIsNotFound() throws IOException {
        stored(KEY, "hello", IF_ABSENT);
        ObjectKey below = new ObjectKey(KEY + "/below");
        assertOutlook(Outlook.NOT_FOUND, () -> store().get(below));
        assertOutlook(Outlook.NOT_FOUND, () -> store().info(below));
        assertOutlook(Outlook.NOT_FOUND, () -> store().read(below, 0, ByteBuffer.allocate(1)));
    }

    @Test
    void aFolderOfKeysIsNoObject() throws IOException {
        stored(KEY, "hello", IF_ABSENT);
        ObjectKey folder = new ObjectKey("v/0123456789abcdef");
        assertOutlook(Outlook.NOT_FOUND, () -> store().get(folder));
        assertOutlook(Outlook.NOT_FOUND, () -> store().info(folder));
        assertOutlook(Outlook.NOT_FOUND, () -> store().read(folder, 0, ByteBuffer.allocate(1)));
        store().delete(List.of(folder));
        assertThat(text(KEY)).isEqualTo("hello");
    }

    @Test
    void createOnlyLeavesWhatIsThere() throws IOException {
        stored(KEY, "first", IF_ABSENT);
        assertThat(put(KEY, "second", IF_ABSENT)).isEqualTo(new PutOutcome.ConditionFailed());
        assertThat(text(KEY)).isEqualTo("first");
    }

    @Test
    void compareAndSwapNeedsTheCurrentVersion() throws IOException {
        ETag first = stored(KEY, "first", IF_ABSENT);
        ETag second = stored(KEY, "other", new PutCondition.IfMatches(first));
        assertThat(second).isNotEqualTo(first);
        assertThat(put(KEY, "third", new PutCondition.IfMatches(first)))
                .isEqualTo(new PutOutcome.ConditionFailed());
        assertThat(text(KEY)).isEqualTo("other");
        assertThat(store().get(KEY).etag()).isEqualTo(second);
        assertThat(store().info(KEY).etag()).isEqualTo(second);
    }

    @Test
    void compareAndSwapOfAnAbsentObjectFails() throws IOException {
        ETag etag = stored(KEY, "first", IF_ABSENT);
        store().delete(List.of(KEY));
        assertThat(put(KEY, "second", new PutCondition.IfMatches(etag)))
                .isEqualTo(new PutOutcome.ConditionFailed());
        assertOutlook(Outlook.NOT_FOUND, () -> store().info(KEY));
    }

    @Test
    void anUnconditionalPutOverwrites() throws IOException {
        stored(KEY, "first", UNCONDITIONAL);
        stored(KEY, "a longer second", UNCONDITIONAL);
        assertThat(text(KEY)).isEqualTo("a longer second");
    }

    @Test
    void differentContentsOfOneSizeHaveDifferentETags() throws IOException {
        Set<ETag> seen = new HashSet<>();
        for (int i = 100; i < 160; i++) {
            assertThat(seen.add(stored(KEY, "version " + i, UNCONDITIONAL))).isTrue();
        }
        for (int i = 100; i < 160; i++) {
            store().delete(List.of(KEY));
            assertThat(seen.add(stored(KEY, "another " + i, IF_ABSENT))).isTrue();
        }
    }

    @Test
    void ofManyCreatorsExactlyOneWins()
            throws IOException, ExecutionException, InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            ObjectKey key = new ObjectKey("race/" + round);
            List<PutOutcome> outcomes =
                    Race.run(RACERS, racer -> () -> put(key, "racer " + racer, IF_ABSENT));
            assertThat(winners(outcomes)).hasSize(1);
            assertThat(text(key)).isEqualTo("racer " + winners(outcomes).getFirst());
        }
    }

    @Test
    void ofManySwappersExactlyOneWins()
            throws IOException, ExecutionException, InterruptedException {
        ETag etag = stored(KEY, "start", IF_ABSENT);
        for (int round = 0; round < ROUNDS; round++) {
            PutCondition condition = new PutCondition.IfMatches(etag);
            // Never the same twice: in S3, equal contents are the same version.
            String text = "round %d racer ".formatted(round);
            List<PutOutcome> outcomes =
                    Race.run(RACERS, racer -> () -> put(KEY, text + racer, condition));
            assertThat(winners(outcomes)).hasSize(1);
            assertThat(text(KEY)).isEqualTo(text + winners(outcomes).getFirst());
            etag = etagOf(outcomes.get(winners(outcomes).getFirst()));
            assertThat(store().info(KEY).etag()).isEqualTo(etag);
        }
    }

    private static List<Integer> winners(List<PutOutcome> outcomes) {
        List<Integer> winners = new ArrayList<>();
        for (int i = 0; i < outcomes.size(); i++) {
            switch (outcomes.get(i)) {
                case PutOutcome.Stored _ -> winners.add(i);
                case PutOutcome.ConditionFailed _ -> {}
                case PutOutcome.Unknown(String reason, var _) -> throw new AssertionError(reason);
            }
        }
        return winners;
    }

    /** Reading, adding one, swapping: no addition may be lost and no half object be seen. */
    @Test
    void swappedCountersLoseNothing() throws IOException, ExecutionException, InterruptedException {
        stored(KEY, "0", IF_ABSENT);
        int additions = 10;
        Race.run(
                RACERS,
                _ ->
                        () -> {
                            for (int i = 0; i < additions; i++) {
                                addOne();
                            }
                            return null;
                        });
        assertThat(text(KEY)).isEqualTo(Integer.toString(RACERS * additions));
    }

    private void addOne() throws IOException {
        PutOutcome outcome = new PutOutcome.ConditionFailed();
        while (outcome instanceof PutOutcome.ConditionFailed) {
            StoredObject current = store().get(KEY);
            int next = Integer.parseInt(new String(current.bytes(), UTF_8)) + 1;
            outcome = put(KEY, Integer.toString(next), new PutCondition.IfMatches(current.etag()));
        }
        etagOf(outcome);
    }

    @Test
    void aDeletedObjectCanBeCreatedAnew() throws IOException {
        stored(KEY, "first", IF_ABSENT);
        store().delete(List.of(KEY));
        stored(KEY, "second", IF_ABSENT);
        assertThat(text(KEY)).isEqualTo("second");
    }

    @Test
    void rangesAreExact() throws IOException {
        stored(KEY, "0123456789", IF_ABSENT);
        for (int from = 0; from <= 10; from++) {
            for (int length = 0; length <= 10 - from; length++) {
                ByteBuffer into = ByteBuffer.allocateDirect(length + 4).position(2);
                into.limit(2 + length);
                store().read(KEY, from, into);
                assertThat(into.position()).isEqualTo(2 + length);
                byte[] bytes = new byte[length];
                into.get(2, bytes);
                assertThat(new String(bytes, UTF_8))
                        .isEqualTo("0123456789".substring(from, from + length));
            }
        }
    }

    @Test
    void aReadPastTheEndIsAnError() throws IOException {
        stored(KEY, "0123456789", IF_ABSENT);
        for (int offset : new int[] {0, 1, 9, 10, 11, 1000}) {
            ByteBuffer into = ByteBuffer.allocate(11);
            assertThatThrownBy(() -> store().read(KEY, offset, into))
                    .isInstanceOfSatisfying(
                            ObjectStoreException.class, e -> assertThat(e.isNotFound()).isFalse())
                    .hasMessageContaining(KEY.value());
        }
    }

    @Test
    void anEmptyObjectIsAnObject() throws IOException {
        etagOf(store().put(KEY, List.of(), IF_ABSENT));
        assertThat(store().get(KEY).bytes()).isEmpty();
        assertThat(store().info(KEY).sizeBytes()).isZero();
        assertThat(put(KEY, "x", IF_ABSENT)).isEqualTo(new PutOutcome.ConditionFailed());
    }

    @Test
    void bodyBuffersAreNotMoved() throws IOException {
        ByteBuffer heap = ByteBuffer.wrap("--abc--".getBytes(UTF_8)).position(2).limit(5);
        ByteBuffer direct = ByteBuffer.allocateDirect(10).put("..def...".getBytes(UTF_8));
        direct.position(2).limit(5);
        ByteBuffer readOnly = ByteBuffer.wrap("ghi".getBytes(UTF_8)).asReadOnlyBuffer();
        List<ByteBuffer> body = List.of(heap, direct, ByteBuffer.allocate(0), readOnly);
        etagOf(store().put(KEY, body, IF_ABSENT));
        assertThat(store().put(KEY, body, IF_ABSENT)).isEqualTo(new PutOutcome.ConditionFailed());
        assertThat(List.of(heap.position(), heap.limit())).containsExactly(2, 5);
        assertThat(List.of(direct.position(), direct.limit())).containsExactly(2, 5);
        assertThat(readOnly.remaining()).isEqualTo(3);
        assertThat(text(KEY)).isEqualTo("abcdefghi");
    }

    @Test
    void theBodyIsNotKept() throws IOException {
        byte[] bytes = "before".getBytes(UTF_8);
        etagOf(store().put(KEY, List.of(ByteBuffer.wrap(bytes)), IF_ABSENT));
        bytes[0] = 'B';
        assertThat(text(KEY)).isEqualTo("before");
    }

    @Test
    void aBigObjectComesBackByteForByte() throws IOException {
        byte[] bytes = new byte[32 << 20];
        new Random(7).nextBytes(bytes);
        ByteBuffer direct = ByteBuffer.allocateDirect(20 << 20).put(bytes, 0, 20 << 20).flip();
        ByteBuffer heap = ByteBuffer.wrap(bytes, 20 << 20, 12 << 20);
        etagOf(store().put(KEY, List.of(direct, heap), IF_ABSENT));
        assertThat(store().info(KEY).sizeBytes()).isEqualTo(bytes.length);
        ByteBuffer whole = ByteBuffer.allocate(bytes.length);
        store().read(KEY, 0, whole);
        assertThat(whole.array()).isEqualTo(bytes);
        ByteBuffer range = ByteBuffer.allocateDirect(65_536);
        store().read(KEY, 12_345_678, range);
        assertThat(range.flip()).isEqualTo(ByteBuffer.wrap(bytes, 12_345_678, 65_536));
        assertOutlook(Outlook.FINAL, () -> store().get(KEY));
    }

    @Test
    void listingIsInKeyOrderAndInPages() throws IOException {
        List<String> keys =
                new ArrayList<>(
                        List.of(
                                "a", "a-b/x", "a.b", "b/1", "b/10", "b/2", "b/a/z", "b/a-a", "b0",
                                "b/a.a", "B/x", "c/d/e/f", "c/d/e0", "c/d-e", "c/d.e/f", "c0/x"));
        for (String key : keys) {
            stored(new ObjectKey(key), key, IF_ABSENT);
        }
        keys.sort(null);
        for (String prefix : List.of("", "a", "a-", "b", "b/", "b/a", "b/1", "c/d", "c/d/", "x")) {
            List<String> wanted = keys.stream().filter(key -> key.startsWith(prefix)).toList();
            for (int max = 1; max <= keys.size() + 1; max++) {
                assertThat(listed(prefix, max)).isEqualTo(wanted);
            }
        }
    }

    private List<String> listed(String prefix, int max) throws IOException {
        List<String> found = new ArrayList<>();
        ObjectKey after = null;
        while (true) {
            ObjectPage page = store().list(prefix, after, max);
            assertThat(page.objects().size()).isLessThanOrEqualTo(max);
            page.objects().forEach(object -> found.add(object.key().value()));
            if (!page.hasMore()) {
                return found;
            }
            after = page.objects().getLast().key();
        }
    }

    @Test
    void listingGoesOnAfterAKeyThatIsNotThere() throws IOException {
        for (String key : List.of("s/1", "s/3", "s/5/x", "t")) {
            stored(new ObjectKey(key), key, IF_ABSENT);
        }
        for (String after : List.of("s/2", "s/1/x", "s/1-x", "s/0", "a", "s/5/w", "s/4")) {
            List<String> wanted =
                    List.of("s/1", "s/3", "s/5/x").stream()
                            .filter(key -> key.compareTo(after) > 0)
                            .toList();
            ObjectPage page = store().list("s/", new ObjectKey(after), 10);
            assertThat(page.objects().stream().map(object -> object.key().value()))
                    .as("after %s", after)
                    .isEqualTo(wanted);
        }
    }

    @Test
    void manyKeysComeInManyPages() throws IOException {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            keys.add("v/%05d/m".formatted(i * 7));
            stored(new ObjectKey(keys.get(i)), "", IF_ABSENT);
        }
        assertThat(listed("v/", 50)).isEqualTo(keys);
        assertThat(listed("v/000", 3)).hasSize(15);
    }

    @Test
    void deletingTakesWhatIsThereAndLeavesTheRest() throws IOException {
        List<ObjectKey> keys = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            keys.add(new ObjectKey("d/%d/%02d".formatted(i % 3, i)));
            stored(keys.get(i), "x", IF_ABSENT);
        }
        List<ObjectKey> doomed = new ArrayList<>(keys.subList(0, 20));
        doomed.add(new ObjectKey("d/1/absent"));
        doomed.add(new ObjectKey("no/such/folder"));
        store().delete(doomed);
        store().delete(doomed);
        store().delete(List.of());
        assertThat(listed("d/", 100)).hasSize(10);
        assertThat(text(keys.get(25))).isEqualTo("x");
    }
}
