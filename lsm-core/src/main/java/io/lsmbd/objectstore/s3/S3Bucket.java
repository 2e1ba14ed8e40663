package io.lsmbd.objectstore.s3;

import io.lsmbd.objectstore.ETag;
import io.lsmbd.objectstore.ObjectKey;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.RequestPayer;

/** A client and the bucket that it is for: what all requests and answers have in common. */
record S3Bucket(S3Address address, S3AsyncClient client) {

    String name() {
        return address.bucket();
    }

    String path(ObjectKey key) {
        return address.prefix() + key;
    }

    /** For messages. */
    String what(String verb, ObjectKey key) {
        return "%s %s in s3://%s".formatted(verb, path(key), name());
    }

    @Nullable RequestPayer payer() {
        return address.requesterPays() ? RequestPayer.REQUESTER : null;
    }

    @Nullable String owner() {
        return address.expectedOwner().orElse(null);
    }

    /**
     * Waits for the answer.
     *
     * @throws CompletionException around whatever else came, be it from the call or its future
     */
    static <T> T join(Supplier<CompletableFuture<T>> request) {
        try {
            return request.get().join();
        } catch (SdkException | IllegalStateException e) {
            // Illegal: the client was closed meanwhile, or the request cancelled.
            throw new CompletionException(e);
        }
    }

    /** Without the quotes, which some servers leave out in some answers. */
    static ETag etag(@Nullable String text) throws WrongAnswerException {
        if (text == null) {
            throw new WrongAnswerException("an answer without ETag");
        }
        boolean isQuoted = text.length() > 2 && text.startsWith("\"") && text.endsWith("\"");
        try {
            return new ETag(isQuoted ? text.substring(1, text.length() - 1) : text);
        } catch (IllegalArgumentException e) {
            throw new WrongAnswerException(String.valueOf(e.getMessage()));
        }
    }

    static long length(@Nullable Long length) throws WrongAnswerException {
        if (length == null || length < 0) {
            throw new WrongAnswerException("an answer without the object's length");
        }
        return length;
    }

    static long millis(@Nullable Instant time) {
        return time == null ? 0 : time.toEpochMilli();
    }
}
