package io.lsmbd.objectstore.s3;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Brings the bytes of one answer into a buffer. What the answer says of itself is checked before
 * its first byte is taken; too many bytes and too few are errors. Once closed it never touches the
 * buffer again, however late the bytes of a request that was given up may come.
 */
final class AnswerBody
        implements AsyncResponseTransformer<GetObjectResponse, GetObjectResponse>, AutoCloseable {

    /** Says where the bytes go, or what is wrong with the answer. */
    @FunctionalInterface
    interface Place {
        ByteBuffer of(GetObjectResponse answer) throws WrongAnswerException;
    }

    private final Place place;
    private final CompletableFuture<GetObjectResponse> done = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private boolean isClosed;

    @GuardedBy("lock")
    private @Nullable ByteBuffer into;

    private @Nullable GetObjectResponse answer;

    AnswerBody(Place place) {
        this.place = place;
    }

    @Override
    public CompletableFuture<GetObjectResponse> prepare() {
        return done;
    }

    @Override
    public void onResponse(GetObjectResponse response) {
        answer = response;
        lock.lock();
        try {
            if (!isClosed) {
                into = place.of(response);
            }
        } catch (WrongAnswerException e) {
            done.completeExceptionally(e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onStream(SdkPublisher<ByteBuffer> publisher) {
        publisher.subscribe(new Taking());
    }

    @Override
    public void exceptionOccurred(Throwable error) {
        done.completeExceptionally(error);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            into = null;
        } finally {
            lock.unlock();
        }
    }

    private final class Taking implements Subscriber<ByteBuffer> {
        private @Nullable Subscription subscription;

        @Override
        public void onSubscribe(Subscription newSubscription) {
            subscription = newSubscription;
            if (done.isDone()) {
                newSubscription.cancel();
            } else {
                newSubscription.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(ByteBuffer bytes) {
            String problem = null;
            lock.lock();
            try {
                ByteBuffer buffer = into;
                if (buffer == null) {
                    problem = "given up";
                } else if (bytes.remaining() > buffer.remaining()) {
                    problem = "more bytes than announced";
                } else {
                    buffer.put(bytes);
                }
            } finally {
                lock.unlock();
            }
            if (problem != null) {
                done.completeExceptionally(new WrongAnswerException(problem));
                if (subscription != null) {
                    subscription.cancel();
                }
            }
        }

        @Override
        public void onError(Throwable error) {
            done.completeExceptionally(error);
        }

        @Override
        public void onComplete() {
            GetObjectResponse complete = answer;
            int missing = missing();
            if (complete != null && missing == 0) {
                done.complete(complete);
            } else {
                done.completeExceptionally(
                        new WrongAnswerException(
                                "the answer ended %d bytes early".formatted(missing)));
            }
        }

        private int missing() {
            lock.lock();
            try {
                return into == null ? 0 : into.remaining();
            } finally {
                lock.unlock();
            }
        }
    }
}
