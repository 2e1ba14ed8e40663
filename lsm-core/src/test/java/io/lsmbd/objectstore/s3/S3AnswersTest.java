package io.lsmbd.objectstore.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.objectstore.ETag;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.CRC32C;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is made of answers, among them those that no good server gives. */
class S3AnswersTest {
    private static final ObjectKey KEY = new ObjectKey("v/1/manifest");
    private static final PutCondition IF_ABSENT = new PutCondition.IfAbsent();
    private static final PutCondition IF_MATCHES = new PutCondition.IfMatches(new ETag("x"));
    private static final PutCondition UNCONDITIONAL = new PutCondition.Unconditional();

    private CannedServer server;
    private S3ObjectStore store;

    @BeforeEach
    void open() throws IOException {
        System.setProperty("aws.accessKeyId", "key");
        System.setProperty("aws.secretAccessKey", "secret");
        server = new CannedServer();
        store = S3ObjectStore.open(S3Address.parse(server.address("")));
    }

    @AfterEach
    void close() {
        store.close();
        server.close();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    private PutOutcome put(PutCondition condition) throws ObjectStoreException {
        return store.put(KEY, List.of(ByteBuffer.wrap("hello".getBytes(UTF_8))), condition);
    }

    private static void assertFails(Outlook outlook, String why, ThrowingCallable call) {
        ObjectStoreException e = catchThrowableOfType(ObjectStoreException.class, call);
        assertThat(e).isNotNull().hasMessageContaining(why);
        assertThat(e.outlook()).isEqualTo(outlook);
    }

    @Test
    void aFailedConditionIsToldApartFromEverythingElse() throws ObjectStoreException {
        PutOutcome failed = new PutOutcome.ConditionFailed();
        server.reacts(CannedServer.error(412, "PreconditionFailed"));
        assertThat(put(IF_ABSENT)).isEqualTo(failed);
        assertThat(put(IF_MATCHES)).isEqualTo(failed);
        server.reacts(CannedServer.error(304, "NotModified"));
        assertThat(put(IF_ABSENT)).isEqualTo(failed);
        server.reacts(CannedServer.error(404, "NoSuchKey"));
        assertThat(put(IF_MATCHES)).isEqualTo(failed);
        server.reacts(CannedServer.error(409, "ConditionalRequestConflict"));
        assertFails(Outlook.RETRYABLE, "ConditionalRequestConflict", () -> put(IF_ABSENT));
        server.reacts(CannedServer.error(404, "NoSuchBucket"));
        assertFails(Outlook.RETRYABLE, "was it created?", () -> put(IF_MATCHES));
    }

    @Test
    void aPutThatMayHaveHappenedIsUnknown() throws ObjectStoreException {
        for (CannedServer.Reaction reaction :
                List.of(
                        CannedServer.error(500, "InternalError"),
                        CannedServer.error(503, "SlowDownWrite"),
                        CannedServer.error(504, "x"),
                        CannedServer.error(408, "x"),
                        CannedServer.answer(200, Map.of(), 0, ""),
                        CannedServer.hangUp())) {
            server.reacts(reaction);
            assertThat(put(IF_ABSENT)).isInstanceOf(PutOutcome.Unknown.class);
            assertThat(put(UNCONDITIONAL)).isInstanceOf(PutOutcome.Unknown.class);
        }
    }

    @Test
    void aRefusedPutIsTriedAgain() {
        server.reacts(CannedServer.error(503, "SlowDown"));
        assertFails(Outlook.THROTTLED, "SlowDown (503)", () -> put(IF_ABSENT));
        server.reacts(CannedServer.error(403, "AccessDenied"));
        assertFails(Outlook.RETRYABLE, "lack this right", () -> put(IF_ABSENT));
        server.reacts(CannedServer.error(501, "NotImplemented"));
        assertFails(Outlook.FINAL, "NotImplemented", () -> put(IF_ABSENT));
    }

    @Test
    void aPutThatReachedNobodyIsTriedAgain() {
        server.close();
        assertFails(Outlook.RETRYABLE, "cannot store prefix/v/1/manifest", () -> put(IF_ABSENT));
    }

    @Test
    void absenceIsOnlyWhatS3SaysOfAKey() {
        server.reacts(CannedServer.error(404, "NoSuchKey"));
        assertFails(Outlook.NOT_FOUND, KEY.value(), () -> store.get(KEY));
        assertFails(Outlook.NOT_FOUND, KEY.value(), () -> store.info(KEY));
        for (int status : new int[] {403, 404, 405, 410, 500, 502}) {
            server.reacts(CannedServer.error(status, "Whatever"));
            assertFails(Outlook.RETRYABLE, "(" + status, () -> store.get(KEY));
            assertFails(Outlook.RETRYABLE, "(" + status, () -> store.info(KEY));
        }
    }

    @Test
    void tooManyRequestsAreToldApart() throws ObjectStoreException {
        for (int status : new int[] {429, 503}) {
            server.reacts(CannedServer.error(status, "Whatever"));
            assertFails(Outlook.THROTTLED, "(" + status, () -> store.get(KEY));
            assertFails(Outlook.THROTTLED, "(" + status, () -> store.list("", null, 1));
        }
        server.reacts(CannedServer.error(503, "SlowDownWrite"));
        assertThat(put(IF_ABSENT))
                .isInstanceOfSatisfying(
                        PutOutcome.Unknown.class,
                        unknown ->
                                assertThat(unknown.why())
                                        .isEqualTo(PutOutcome.Unknown.Why.THROTTLED));
    }

    private static Map<String, String> ranged(String range) {
        return Map.of("ETag", "\"e\"", "Content-Range", range);
    }

    @Test
    void onlyTheRangeThatWasAskedForIsTaken() throws ObjectStoreException {
        ByteBuffer into = ByteBuffer.allocate(4);
        server.reacts(CannedServer.answer(206, ranged("bytes 2-5/9"), 4, "cdef"));
        store.read(KEY, 2, into);
        assertThat(into.array()).isEqualTo("cdef".getBytes(UTF_8));

        byte[] untouched = new byte[4];
        for (CannedServer.Reaction reaction :
                List.of(
                        CannedServer.answer(206, ranged("bytes 3-6/9"), 4, "defg"),
                        CannedServer.answer(206, ranged("bytes 2-6/9"), 5, "cdefg"),
                        CannedServer.answer(206, ranged("bytes 2-4/9"), 3, "cde"),
                        CannedServer.answer(200, Map.of("ETag", "\"e\""), 4, "abcd"),
                        CannedServer.answer(200, Map.of("ETag", "\"e\""), 9, "abcdefghi"))) {
            server.reacts(reaction);
            ByteBuffer wrong = ByteBuffer.allocate(4);
            assertFails(Outlook.RETRYABLE, "answered ", () -> store.read(KEY, 2, wrong));
            assertThat(wrong.position()).isZero();
            assertThat(wrong.array()).isEqualTo(untouched);
        }
        server.reacts(CannedServer.answer(206, ranged("bytes 2-4/5"), 3, "cde"));
        assertFails(
                Outlook.FINAL,
                "answered 3 bytes",
                () -> store.read(KEY, 2, ByteBuffer.allocate(4)));
    }

    @Test
    void aBodyThatEndsEarlyIsAnError() {
        server.reacts(CannedServer.answer(206, ranged("bytes 2-5/9"), 4, "cd"));
        ByteBuffer into = ByteBuffer.allocate(4);
        assertFails(Outlook.RETRYABLE, "cannot read", () -> store.read(KEY, 2, into));
        assertThat(into.position()).isZero();
        server.reacts(CannedServer.answer(200, Map.of("ETag", "\"e\""), 4, "cd"));
        assertFails(Outlook.RETRYABLE, "cannot read", () -> store.get(KEY));
    }

    @Test
    void aBodyWithAnotherChecksumIsAnError() throws ObjectStoreException {
        CRC32C crc = new CRC32C();
        crc.update("hello".getBytes(UTF_8));
        byte[] right = ByteBuffer.allocate(4).putInt((int) crc.getValue()).array();
        String text = Base64.getEncoder().encodeToString(right);
        Map<String, String> headers = Map.of("ETag", "\"e\"", "x-amz-checksum-crc32c", text);
        server.reacts(CannedServer.answer(200, headers, 5, "hello"));
        assertThat(store.get(KEY).bytes()).isEqualTo("hello".getBytes(UTF_8));
        server.reacts(CannedServer.answer(200, headers, 5, "hallo"));
        assertFails(Outlook.RETRYABLE, "cannot read", () -> store.get(KEY));
    }

    @Test
    void anObjectThatIsTooLargeIsNotTaken() {
        CountDownLatch refused = new CountDownLatch(1);
        server.reacts(request -> {
            request.sendResponseHeaders(200, Integer.MAX_VALUE);
            request.getResponseBody().write(new byte[1 << 20]);
            try {
                refused.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        assertFails(Outlook.FINAL, "2147483647 bytes", () -> store.get(KEY));
        refused.countDown();
    }

    @Test
    void answersWithoutAnETagAreErrors() {
        server.reacts(CannedServer.answer(200, Map.of(), 4, "abcd"));
        assertFails(Outlook.RETRYABLE, "without ETag", () -> store.get(KEY));
        server.reacts(CannedServer.answer(200, Map.of("ETag", "\"e\""), 0, ""));
        assertFails(Outlook.RETRYABLE, "how far", () -> store.list("", null, 1));
    }

    private static CannedServer.Reaction listing(boolean isTruncated, String... keys) {
        StringBuilder contents = new StringBuilder();
        for (String key : keys) {
            contents.append(
                    "<Contents><Key>%s</Key><Size>1</Size><ETag>\"e\"</ETag></Contents>"
                            .formatted(key));
        }
        String body =
                "<ListBucketResult><IsTruncated>%b</IsTruncated>%s</ListBucketResult>"
                        .formatted(isTruncated, contents);
        return CannedServer.answer(
                200, Map.of("Content-Type", "application/xml"), body.length(), body);
    }

    @Test
    void listingsThatCannotBeTrueAreErrors() throws ObjectStoreException {
        server.reacts(listing(false, "prefix/a", "prefix/b"));
        assertThat(store.list("", null, 10).objects()).hasSize(2);
        server.reacts(listing(false, "prefix/b", "prefix/a"));
        assertFails(Outlook.RETRYABLE, "out of order", () -> store.list("", null, 10));
        server.reacts(listing(false, "prefix/a", "prefix/a"));
        assertFails(Outlook.RETRYABLE, "out of order", () -> store.list("", null, 10));
        ObjectKey after = new ObjectKey("a");
        server.reacts(listing(false, "prefix/a"));
        assertFails(Outlook.RETRYABLE, "out of order", () -> store.list("", after, 10));
        server.reacts(listing(false, "other/a"));
        assertFails(Outlook.RETRYABLE, "another prefix", () -> store.list("", null, 10));
        server.reacts(listing(true));
        assertFails(Outlook.RETRYABLE, "says there is more", () -> store.list("", null, 10));
    }

    /** The server takes the rest of the body only after the buffer has been used anew. */
    @Test
    void aBufferIsNotReadAnyMoreOnceThePutHasReturned() throws IOException, InterruptedException {
        CountDownLatch reused = new CountDownLatch(1);
        CountDownLatch read = new CountDownLatch(1);
        AtomicBoolean isReusedSeen = new AtomicBoolean();
        server.reacts(request -> {
            try {
                reused.await();
                byte[] some = new byte[1 << 20];
                int count = 0;
                while (count >= 0) {
                    for (int i = 0; i < count; i++) {
                        isReusedSeen.compareAndSet(false, some[i] == 2);
                    }
                    count = request.getRequestBody().read(some);
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            } finally {
                read.countDown();
            }
        });
        byte[] bytes = new byte[32 << 20];
        Arrays.fill(bytes, (byte) 1);
        try (S3ObjectStore impatient =
                S3ObjectStore.open(S3Address.parse(server.address("&timeout-seconds=1")))) {
            PutOutcome outcome = impatient.put(KEY, List.of(ByteBuffer.wrap(bytes)), UNCONDITIONAL);
            assertThat(outcome).isInstanceOf(PutOutcome.Unknown.class);
            Arrays.fill(bytes, (byte) 2);
            reused.countDown();
            read.await();
        }
        assertThat(isReusedSeen).isFalse();
    }
}
