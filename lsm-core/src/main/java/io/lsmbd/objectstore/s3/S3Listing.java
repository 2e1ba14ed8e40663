package io.lsmbd.objectstore.s3;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A page of a listing: our keys only, in their order, whatever else is in the bucket. */
final class S3Listing {
    private static final Logger LOG = LoggerFactory.getLogger(S3Listing.class);

    private final S3Bucket bucket;
    private final String prefix;
    private final int max;

    /** What was seen last, ours or not; the next request asks for what comes after. */
    private @Nullable String last;

    private S3Listing(S3Bucket bucket, String prefix, @Nullable ObjectKey after, int max) {
        this.bucket = bucket;
        this.prefix = bucket.address().prefix() + prefix;
        this.last = after == null ? null : bucket.path(after);
        this.max = max;
    }

    static ObjectPage list(S3Bucket bucket, String prefix, @Nullable ObjectKey after, int max)
            throws ObjectStoreException {
        S3Listing listing = new S3Listing(bucket, prefix, after, max);
        try {
            return listing.page();
        } catch (WrongAnswerException e) {
            throw S3Errors.failure(listing.what(), e);
        } catch (CompletionException e) {
            throw S3Errors.failure(listing.what(), S3Errors.causeOf(e));
        }
    }

    private String what() {
        return "cannot list %s in s3://%s".formatted(prefix, bucket.name());
    }

    /** Goes on until something of ours was found or there is no more. */
    private ObjectPage page() throws WrongAnswerException {
        List<ObjectInfo> found = new ArrayList<>();
        boolean hasMore = true;
        while (found.isEmpty() && hasMore) {
            ListObjectsV2Response answer = ask();
            for (S3Object object : answer.contents()) {
                take(object, found);
            }
            if (answer.isTruncated() == null) {
                throw new WrongAnswerException("a listing that does not say how far it goes");
            }
            hasMore = answer.isTruncated();
            if (hasMore && answer.contents().isEmpty()) {
                throw new WrongAnswerException("an empty page that says there is more");
            }
        }
        return new ObjectPage(found, hasMore);
    }

    private ListObjectsV2Response ask() {
        ListObjectsV2Request request =
                ListObjectsV2Request.builder()
                        .bucket(bucket.name())
                        .prefix(prefix)
                        .startAfter(last)
                        .maxKeys(max)
                        .expectedBucketOwner(bucket.owner())
                        .requestPayer(bucket.payer())
                        .build();
        return S3Bucket.join(() -> bucket.client().listObjectsV2(request));
    }

    /** Segments are counted by their listing, so one out of order is not taken for a gap. */
    private void take(S3Object object, List<ObjectInfo> found) throws WrongAnswerException {
        String path = object.key();
        if (path == null || !path.startsWith(prefix)) {
            throw new WrongAnswerException("a key with another prefix");
        }
        if (last != null && path.compareTo(last) <= 0) {
            throw new WrongAnswerException("keys out of order");
        }
        last = path;
        Optional<ObjectKey> key = keyOf(path);
        if (key.isPresent()) {
            found.add(
                    new ObjectInfo(
                            key.get(),
                            S3Bucket.length(object.size()),
                            S3Bucket.etag(object.eTag()),
                            S3Bucket.millis(object.lastModified())));
        }
    }

    /** Nothing for a name that lsmbd does not make: somebody else's object. */
    private Optional<ObjectKey> keyOf(String path) {
        try {
            return Optional.of(new ObjectKey(path.substring(bucket.address().prefix().length())));
        } catch (IllegalArgumentException e) {
            LOG.debug("not ours path={}", path, e);
            return Optional.empty();
        }
    }
}
