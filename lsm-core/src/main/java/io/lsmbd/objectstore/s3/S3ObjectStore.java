package io.lsmbd.objectstore.s3;

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
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.DeleteObjectsRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Error;

/**
 * Objects in a bucket, below a prefix. Conditions are S3's {@code If-None-Match: *} and {@code
 * If-Match}; a server that ignores them is not found out here. Each call is one request, but for
 * HEAD of an absent object (two), listings past foreign keys and deletes of more than 1000 keys.
 */
public final class S3ObjectStore implements ObjectStore {
    private static final Logger LOG = LoggerFactory.getLogger(S3ObjectStore.class);
    private static final int MOST_DELETED_AT_ONCE = 1000;

    private final S3Bucket bucket;
    private final S3Reads reads;

    private S3ObjectStore(S3Bucket bucket) {
        this.bucket = bucket;
        this.reads = new S3Reads(bucket);
    }

    /**
     * Opens the store without a request: neither bucket nor credentials have been tried.
     *
     * @throws ObjectStoreException FINAL if the SDK cannot start with what the address says
     */
    public static S3ObjectStore open(S3Address address) throws ObjectStoreException {
        try {
            return new S3ObjectStore(new S3Bucket(address, S3Clients.open(address)));
        } catch (RuntimeException e) {
            throw new ObjectStoreException(
                    Outlook.FINAL, "cannot use %s: %s".formatted(address, S3Errors.reason(e)), e);
        }
    }

    /**
     * Asks for something once, so that a wrong bucket, region or key is told at once and not after
     * a time of trying. Trouble that may pass is left to whoever asks next.
     *
     * @throws ObjectStoreException FINAL if the address or the credentials have to be changed
     */
    public void refuseMistakes() throws ObjectStoreException {
        try {
            var _ = list(ObjectKey.volumeNamesPrefix(), null, 1);
        } catch (ObjectStoreException e) {
            Throwable cause = e.getCause();
            if (cause != null && S3Errors.isMistake(cause)) {
                throw new ObjectStoreException(Outlook.FINAL, String.valueOf(e.getMessage()), e);
            }
            LOG.warn("the store does not answer yet store={} reason={}", this, e.getMessage());
        }
    }

    @Override
    public String location() {
        return bucket.address().toString();
    }

    @Override
    public String toString() {
        return location();
    }

    @Override
    public PutOutcome put(ObjectKey key, List<ByteBuffer> body, PutCondition condition)
            throws ObjectStoreException {
        Throwable error;
        try (PutBody bytes = new PutBody(body)) {
            PutObjectRequest request = putRequest(key, bytes, condition);
            String etag = S3Bucket.join(() -> bucket.client().putObject(request, bytes)).eTag();
            return new PutOutcome.Stored(S3Bucket.etag(etag));
        } catch (WrongAnswerException e) {
            return new PutOutcome.Unknown(S3Errors.reason(e));
        } catch (CompletionException e) {
            error = S3Errors.causeOf(e);
        }
        boolean isConditional = !(condition instanceof PutCondition.Unconditional);
        if (isConditional && S3Errors.isConditionFailure(error)) {
            return new PutOutcome.ConditionFailed();
        }
        if (S3Errors.hasCertainlyStoredNothing(error)) {
            throw S3Errors.failure(bucket.what("cannot store", key), error);
        }
        return new PutOutcome.Unknown(
                S3Errors.reason(error),
                S3Errors.isThrottling(error)
                        ? PutOutcome.Unknown.Why.THROTTLED
                        : PutOutcome.Unknown.Why.OTHER);
    }

    private PutObjectRequest putRequest(ObjectKey key, PutBody body, PutCondition condition) {
        S3Address.Upload upload = bucket.address().upload();
        PutObjectRequest.Builder request =
                PutObjectRequest.builder()
                        .bucket(bucket.name())
                        .key(bucket.path(key))
                        .contentLength(body.contentLength().orElseThrow())
                        .contentType("application/octet-stream")
                        .expectedBucketOwner(bucket.owner())
                        .requestPayer(bucket.payer());
        upload.storageClass().ifPresent(request::storageClass);
        upload.encryption().ifPresent(request::serverSideEncryption);
        upload.kmsKey().ifPresent(request::ssekmsKeyId);
        if (bucket.address().sendsChecksums()) {
            request.checksumCRC32C(Base64.getEncoder().encodeToString(body.crc32c()));
        }
        switch (condition) {
            case PutCondition.IfAbsent _ -> request.ifNoneMatch("*");
            case PutCondition.IfMatches(ETag etag) -> request.ifMatch('"' + etag.value() + '"');
            case PutCondition.Unconditional _ -> {}
        }
        return request.build();
    }

    @Override
    public StoredObject get(ObjectKey key) throws ObjectStoreException {
        return reads.get(key);
    }

    @Override
    public void read(ObjectKey key, long offset, ByteBuffer into) throws ObjectStoreException {
        reads.read(key, offset, into);
    }

    @Override
    public ObjectInfo info(ObjectKey key) throws ObjectStoreException {
        return reads.info(key);
    }

    @Override
    public ObjectPage list(String prefix, @Nullable ObjectKey after, int max)
            throws ObjectStoreException {
        if (max < 1 || max > MAX_PAGE) {
            throw new IllegalArgumentException("a page of " + max + " keys, not 1 to " + MAX_PAGE);
        }
        return S3Listing.list(bucket, prefix, after, max);
    }

    @Override
    public void delete(Collection<ObjectKey> keys) throws ObjectStoreException {
        List<ObjectIdentifier> doomed =
                keys.stream()
                        .map(key -> ObjectIdentifier.builder().key(bucket.path(key)).build())
                        .toList();
        for (int from = 0; from < doomed.size(); from += MOST_DELETED_AT_ONCE) {
            int to = Math.min(doomed.size(), from + MOST_DELETED_AT_ONCE);
            deleteAtOnce(doomed.subList(from, to));
        }
    }

    private void deleteAtOnce(List<ObjectIdentifier> doomed) throws ObjectStoreException {
        String what = "cannot delete %d objects in s3://%s".formatted(doomed.size(), bucket.name());
        DeleteObjectsRequest request =
                DeleteObjectsRequest.builder()
                        .bucket(bucket.name())
                        .delete(Delete.builder().objects(doomed).quiet(true).build())
                        .expectedBucketOwner(bucket.owner())
                        .requestPayer(bucket.payer())
                        .build();
        DeleteObjectsResponse answer;
        try {
            answer = S3Bucket.join(() -> bucket.client().deleteObjects(request));
        } catch (CompletionException e) {
            throw S3Errors.failure(what, S3Errors.causeOf(e));
        }
        for (S3Error error : answer.errors()) {
            if (!"NoSuchKey".equals(error.code())) {
                throw new ObjectStoreException(
                        Outlook.RETRYABLE,
                        "%s: %s: %s"
                                .formatted(
                                        what,
                                        S3Errors.printable(error.key()),
                                        S3Errors.printable(error.code())));
            }
        }
    }

    @Override
    public void close() {
        bucket.client().close();
    }
}
