package io.lsmbd.env;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A mailbox between real threads: one lock, two conditions. */
final class SystemMailbox<T> implements Mailbox<T> {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final Condition notFull = lock.newCondition();
    private final ArrayDeque<T> messages = new ArrayDeque<>(); // guarded by lock
    private final int capacity;
    private boolean closed; // guarded by lock

    SystemMailbox(int capacity) {
        if (capacity <= 0) {
            throw new IllegalArgumentException("a mailbox needs room: " + capacity);
        }
        this.capacity = capacity;
    }

    @Override
    public boolean put(T message) {
        lock.lock();
        try {
            while (messages.size() == capacity && !closed) {
                notFull.awaitUninterruptibly();
            }
            return add(message);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean offer(T message) {
        lock.lock();
        try {
            return messages.size() < capacity && add(message);
        } finally {
            lock.unlock();
        }
    }

    private boolean add(T message) {
        if (closed) {
            return false;
        }
        messages.add(message);
        notEmpty.signal();
        return true;
    }

    @Override
    public @Nullable T take() {
        lock.lock();
        try {
            while (messages.isEmpty() && !closed) {
                notEmpty.awaitUninterruptibly();
            }
            return next();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable T poll(Duration atMost) {
        long left = atMost.toNanos();
        lock.lock();
        try {
            while (messages.isEmpty() && !closed && left > 0) {
                left = notEmpty.awaitNanos(left);
            }
            return next();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting", e);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable T next() {
        T message = messages.poll();
        if (message != null) {
            notFull.signal();
        }
        return message;
    }

    @Override
    public List<T> drain(int max) {
        lock.lock();
        try {
            while (messages.isEmpty() && !closed) {
                notEmpty.awaitUninterruptibly();
            }
            List<T> out = new ArrayList<>(Math.min(max, messages.size()));
            for (T message = next(); message != null; message = out.size() < max ? next() : null) {
                out.add(message);
            }
            return out;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            notEmpty.signalAll();
            notFull.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
