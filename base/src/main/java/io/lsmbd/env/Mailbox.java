package io.lsmbd.env;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A bounded queue between tasks. At its bound the putter waits; closing it ends its worker. */
public interface Mailbox<T> extends AutoCloseable {
    /** Waits for room. Returns false, and drops nothing else, if the mailbox is closed. */
    boolean put(T message);

    /** Returns false at once if there is no room or the mailbox is closed. */
    boolean offer(T message);

    /** Waits for a message; null once the mailbox is closed and empty. */
    @Nullable T take();

    /** Waits at most that long; null if nothing came, or closed and empty. */
    @Nullable T poll(Duration atMost);

    /** Waits for one message, then takes up to {@code max} without waiting; empty once closed. */
    List<T> drain(int max);

    boolean isClosed();

    /** No more puts; what is inside can still be taken. Idempotent. */
    @Override
    void close();
}
