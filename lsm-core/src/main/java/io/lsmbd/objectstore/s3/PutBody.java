package io.lsmbd.objectstore.s3;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.AsyncRequestBody;

/**
 * The body of one request, read from the caller's buffers piece by piece as the connection takes
 * it. Once closed it never looks at them again, whatever is left of a request that was given up, so
 * they can be used for something else. The pieces are copies for the same reason.
 */
final class PutBody implements AsyncRequestBody, AutoCloseable {
    private static final int PIECE = 128 << 10;

    private final long length;
    private final List<ByteBuffer> source;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private boolean isClosed;

    PutBody(List<ByteBuffer> source) {
        this.source = source;
        this.length = source.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    /** Over the whole body, in S3's form: four bytes, big-endian. */
    byte[] crc32c() {
        CRC32C crc = new CRC32C();
        for (ByteBuffer part : source) {
            crc.update(part.duplicate());
        }
        return ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
    }

    @Override
    public Optional<Long> contentLength() {
        return Optional.of(length);
    }

    @Override
    public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
        subscriber.onSubscribe(new Reading(subscriber));
    }

    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
        } finally {
            lock.unlock();
        }
    }

    /** One pass over the body. Requests may come from within {@code onNext}: they are counted. */
    private final class Reading implements Subscription {
        private final Subscriber<? super ByteBuffer> subscriber;
        private final List<ByteBuffer> left;
        private final ReentrantLock demandLock = new ReentrantLock();

        @GuardedBy("demandLock")
        private long demand;

        @GuardedBy("demandLock")
        private boolean isServing;

        /** Where the serving thread is: in which buffer, and how many bytes from the end. */
        private int part;

        private long unread = length;

        private volatile boolean isOver;

        Reading(Subscriber<? super ByteBuffer> subscriber) {
            this.subscriber = subscriber;
            this.left = source.stream().map(ByteBuffer::duplicate).toList();
        }

        @Override
        public void request(long pieces) {
            if (pieces <= 0) {
                isOver = true;
                subscriber.onError(new IllegalArgumentException("a demand of " + pieces));
                return;
            }
            demandLock.lock();
            try {
                demand = pieces < Long.MAX_VALUE - demand ? demand + pieces : Long.MAX_VALUE;
                if (isServing) {
                    return;
                }
                isServing = true;
            } finally {
                demandLock.unlock();
            }
            serve();
        }

        private void serve() {
            while (isDemanded()) {
                ByteBuffer piece = nextPiece();
                if (piece == null) {
                    isOver = true;
                    subscriber.onError(new IllegalStateException("the request was given up"));
                } else if (piece.hasRemaining()) {
                    subscriber.onNext(piece);
                } else {
                    isOver = true;
                    subscriber.onComplete();
                }
            }
        }

        private boolean isDemanded() {
            demandLock.lock();
            try {
                if (demand == 0 || isOver) {
                    isServing = false;
                    return false;
                }
                demand--;
                return true;
            } finally {
                demandLock.unlock();
            }
        }

        /** Empty at the end; null if the body is closed. */
        private @Nullable ByteBuffer nextPiece() {
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, unread));
            lock.lock();
            try {
                if (isClosed) {
                    return null;
                }
                while (piece.hasRemaining()) {
                    ByteBuffer from = left.get(part);
                    int count = Math.min(from.remaining(), piece.remaining());
                    piece.put(piece.position(), from, from.position(), count);
                    piece.position(piece.position() + count);
                    from.position(from.position() + count);
                    if (!from.hasRemaining()) {
                        part++;
                    }
                }
            } finally {
                lock.unlock();
            }
            unread -= piece.capacity();
            return piece.flip();
        }

        @Override
        public void cancel() {
            isOver = true;
        }
    }
}
