package io.lsmbd.objectstore.s3;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.StoredObject;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/** GET and HEAD. An answer is looked at before its first byte is taken. */
final class S3Reads {
    private final S3Bucket bucket;

    S3Reads(S3Bucket bucket) {
        this.bucket = bucket;
    }

    private GetObjectRequest.Builder request(ObjectKey key) {
        boolean checks = bucket.address().sendsChecksums();
        return GetObjectRequest.builder()
                .bucket(bucket.name())
                .key(bucket.path(key))
                .checksumMode(checks ? ChecksumMode.ENABLED : null)
                .expectedBucketOwner(bucket.owner())
                .requestPayer(bucket.payer());
    }

    private GetObjectResponse receive(
            String what, GetObjectRequest.Builder request, AnswerBody.Place place)
            throws ObjectStoreException {
        try (AnswerBody body = new AnswerBody(place)) {
            return S3Bucket.join(() -> bucket.client().getObject(request.build(), body));
        } catch (CompletionException e) {
            throw S3Errors.failure(what, S3Errors.causeOf(e));
        }
    }

    StoredObject get(ObjectKey key) throws ObjectStoreException {
        String what = bucket.what("cannot read", key);
        ByteBuffer[] bytes = new ByteBuffer[1];
        AnswerBody.Place place =
                answer -> {
                    bytes[0] = ByteBuffer.allocate(wholeLength(answer));
                    return bytes[0];
                };
        GetObjectResponse answer = receive(what, request(key), place);
        try {
            return new StoredObject(bytes[0].array(), S3Bucket.etag(answer.eTag()));
        } catch (WrongAnswerException e) {
            throw S3Errors.failure(what, e);
        }
    }

    private static int wholeLength(GetObjectResponse answer) throws WrongAnswerException {
        long length = S3Bucket.length(answer.contentLength());
        if (length > ObjectStore.MAX_WHOLE_OBJECT_BYTES) {
            throw new WrongAnswerException(
                    Outlook.FINAL,
                    "it has %d bytes, more than the %d that may be read at once"
                            .formatted(length, ObjectStore.MAX_WHOLE_OBJECT_BYTES));
        }
        return (int) length;
    }

    void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
        int length = into.remaining();
        if (length == 0) {
            checkReaches(key, offset);
            return;
        }
        String range = "bytes=%d-%d".formatted(offset, offset + length - 1);
        String what = bucket.what("cannot read %s of".formatted(range), key);
        ByteBuffer target = into.duplicate();
        AnswerBody.Place place =
                answer -> {
                    checkRange(answer, offset, length);
                    return target;
                };
        var _ = receive(what, request(key).range(range), place);
        into.position(into.limit());
    }

    /** S3 has no range of no bytes. */
    private void checkReaches(ObjectKey key, long offset) throws ObjectStoreException {
        long size = info(key).sizeBytes();
        if (offset > size) {
            throw new ObjectStoreException(
                    Outlook.FINAL,
                    "%s has %d bytes, bytes from %d were asked for".formatted(key, size, offset));
        }
    }

    /** A server may answer with another range, with all of the object, or with what there is. */
    private static void checkRange(GetObjectResponse answer, long offset, int length)
            throws WrongAnswerException {
        long announced = S3Bucket.length(answer.contentLength());
        String range = answer.contentRange();
        String wanted = "bytes %d-%d/".formatted(offset, offset + length - 1);
        boolean isWhole = range == null && offset == 0;
        boolean isWanted = range != null && range.startsWith(wanted);
        if (announced == length && (isWhole || isWanted)) {
            return;
        }
        boolean isAllThereIs =
                range != null && range.equals(restFrom(offset, announced)) && announced < length;
        throw new WrongAnswerException(
                isAllThereIs ? Outlook.FINAL : Outlook.RETRYABLE,
                "answered %d bytes, range %s".formatted(announced, range));
    }

    /** The range of an answer that the object's end cuts off. */
    private static String restFrom(long offset, long length) {
        long end = offset + length;
        return "bytes %d-%d/%d".formatted(offset, end - 1, end);
    }

    ObjectInfo info(ObjectKey key) throws ObjectStoreException {
        String what = bucket.what("cannot look at", key);
        HeadObjectRequest request =
                HeadObjectRequest.builder()
                        .bucket(bucket.name())
                        .key(bucket.path(key))
                        .expectedBucketOwner(bucket.owner())
                        .requestPayer(bucket.payer())
                        .build();
        try {
            HeadObjectResponse head = S3Bucket.join(() -> bucket.client().headObject(request));
            return new ObjectInfo(
                    key,
                    S3Bucket.length(head.contentLength()),
                    S3Bucket.etag(head.eTag()),
                    S3Bucket.millis(head.lastModified()));
        } catch (WrongAnswerException e) {
            throw S3Errors.failure(what, e);
        } catch (CompletionException e) {
            Throwable error = S3Errors.causeOf(e);
            if (S3Errors.isNotFound(error)) {
                throw explainedNotFound(key, what);
            }
            throw S3Errors.failure(what, error);
        }
    }

    /** HEAD has no body to tell a missing object from a missing bucket; GET has. */
    private ObjectStoreException explainedNotFound(ObjectKey key, String what) {
        AnswerBody.Place nowhere =
                _ -> {
                    throw new WrongAnswerException("absent for HEAD, there for GET");
                };
        try {
            var _ = receive(what, request(key), nowhere);
        } catch (ObjectStoreException e) {
            return e;
        }
        throw new IllegalStateException("an answer that has no place was taken");
    }
}
