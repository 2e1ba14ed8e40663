package io.lsmbd.objectstore.s3;

import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.probe.CheckResult;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.DefaultRetention;
import software.amazon.awssdk.services.s3.model.LifecycleRule;
import software.amazon.awssdk.services.s3.model.ObjectLockConfiguration;

/**
 * Reads how a bucket is set up, for whoever wants to keep volumes there. It takes rights that lsmbd
 * itself does not need; what may not be read, or is unknown to the server, is told as not seen.
 */
public final class BucketReview {
    private static final int BODY_BYTES = 100;

    /** How S3 says that there is no such setting: 404, each with a code of its own. */
    private static final List<String> ABSENT =
            List.of("NoSuchLifecycleConfiguration", "ObjectLockConfigurationNotFoundError");

    private final S3Address address;
    private final RandomGenerator random;
    private final BucketJudgement judgement;

    public BucketReview(S3Address address, Environment environment) {
        this.address = address;
        this.random = environment.random("bucket-review");
        this.judgement = new BucketJudgement(address.prefix());
    }

    /** What was read: {@code problem} is empty, or there is no answer. */
    private record Seen<T>(@Nullable T answer, String problem) {
        boolean isSeen() {
            return problem.isEmpty();
        }
    }

    /**
     * Reads and judges everything. Blocks; leaves nothing in the store.
     *
     * @throws ObjectStoreException if the SDK cannot start with what the address says
     */
    public List<CheckResult> run() throws ObjectStoreException {
        List<CheckResult> results = new ArrayList<>();
        try (S3AsyncClient client = S3Clients.open(address)) {
            reviewSettings(client, results);
        }
        results.add(judgement.storageClass(address.upload().storageClass().orElse("")));
        results.add(
                judgement.checksums(
                        address.checksums(),
                        problemOf(S3Address.Checksums.WHEN_SUPPORTED),
                        problemOf(S3Address.Checksums.WHEN_REQUIRED)));
        return results;
    }

    private void reviewSettings(S3AsyncClient client, List<CheckResult> results) {
        String owner = address.expectedOwner().orElse(null);
        Seen<List<LifecycleRule>> rules =
                read(
                        () ->
                                client.getBucketLifecycleConfiguration(
                                        r -> r.bucket(address.bucket()).expectedBucketOwner(owner)),
                        answer -> answer.rules(),
                        List.of());
        var versioning =
                read(
                        () ->
                                client.getBucketVersioning(
                                        r -> r.bucket(address.bucket()).expectedBucketOwner(owner)),
                        answer -> answer.status(),
                        null);
        Seen<DefaultRetention> lock =
                read(
                        () ->
                                client.getObjectLockConfiguration(
                                        r -> r.bucket(address.bucket()).expectedBucketOwner(owner)),
                        answer -> retention(answer.objectLockConfiguration()),
                        null);
        results.add(
                versioning.isSeen()
                        ? judgement.versioning(versioning.answer(), rules.answer())
                        : BucketJudgement.unseen(BucketJudgement.VERSIONING, versioning.problem()));
        List<LifecycleRule> seen = rules.answer();
        results.add(
                seen != null
                        ? judgement.lifecycle(seen)
                        : BucketJudgement.unseen(BucketJudgement.LIFECYCLE, rules.problem()));
        results.add(
                lock.isSeen()
                        ? judgement.objectLock(lock.answer())
                        : BucketJudgement.unseen(BucketJudgement.OBJECT_LOCK, lock.problem()));
    }

    private static @Nullable DefaultRetention retention(@Nullable ObjectLockConfiguration lock) {
        return lock == null || lock.rule() == null ? null : lock.rule().defaultRetention();
    }

    /** A request for one setting. */
    @FunctionalInterface
    private interface Question<A> {
        CompletableFuture<A> ask();
    }

    private static <A, T> Seen<T> read(
            Question<A> question, Function<A, @Nullable T> part, @Nullable T ifAbsent) {
        try {
            return new Seen<>(part.apply(S3Bucket.join(question::ask)), "");
        } catch (CompletionException e) {
            Throwable error = S3Errors.causeOf(e);
            return isAbsent(error)
                    ? new Seen<>(ifAbsent, "")
                    : new Seen<>(null, S3Errors.reason(error));
        }
    }

    private static boolean isAbsent(Throwable error) {
        return error instanceof AwsServiceException service
                && service.awsErrorDetails() != null
                && ABSENT.contains(service.awsErrorDetails().errorCode());
    }

    /** Puts an object in that way and reads it; returns what went wrong, or nothing. */
    private String problemOf(S3Address.Checksums checksums) throws ObjectStoreException {
        String run = HexFormat.of().toHexDigits(random.nextLong());
        ObjectKey key = new ObjectKey(ObjectKey.probeRunPrefix(run) + "checksums");
        byte[] body = new byte[BODY_BYTES];
        random.nextBytes(body);
        try (S3ObjectStore store = S3ObjectStore.open(address.withChecksums(checksums))) {
            try {
                PutOutcome outcome =
                        store.put(
                                key,
                                List.of(ByteBuffer.wrap(body)),
                                new PutCondition.Unconditional());
                if (!(outcome instanceof PutOutcome.Stored)) {
                    return "no clear answer to a put: " + outcome;
                }
                return Arrays.equals(store.get(key).bytes(), body)
                        ? ""
                        : "an object came back with other bytes";
            } catch (ObjectStoreException e) {
                return String.valueOf(e.getMessage());
            } finally {
                remove(store, key);
            }
        }
    }

    /** As far as the store lets it: a probe's check tells of a right that is missing. */
    private static void remove(S3ObjectStore store, ObjectKey key) {
        try {
            store.delete(List.of(key));
        } catch (ObjectStoreException _) {
            // told by the check of deleting
        }
    }
}
