package io.lsmbd.objectstore.decorator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many requests may be under way. When the store says that they are too many, half as many; for
 * each that it answers a little more, so that one more fits once all of them were answered
 * (additive increase, multiplicative decrease, as in TCP). At the limit, callers wait in the order
 * in which they came, urgent ones before others, and some room is for urgent ones alone: what keeps
 * a volume ours must not wait for megabytes.
 */
final class ConcurrencyLimit {
    /** Higher than what clients of stores have connections for: no limit in practice. */
    static final int MOST = 256;

    static final int LEAST = 1;

    /** Beyond the limit. */
    static final int ROOM_FOR_URGENT = 2;

    /** Who may go first. */
    enum Urgency {
        URGENT,
        ORDINARY
    }

    /** How a request ended. */
    enum Answer {
        GIVEN,
        /** Too many of them. */
        THROTTLED,
        /** Nothing follows from it. */
        FAILED
    }

    private static final class Waiter {
        private final Signal admitted;
        private volatile boolean isAdmitted;
        private long cutsBefore; // written before it is admitted

        Waiter(Signal admitted) {
            this.admitted = admitted;
        }

        void admit(long cuts) {
            cutsBefore = cuts;
            isAdmitted = true;
            admitted.signalAll();
        }

        void await() {
            admitted.await(() -> isAdmitted);
        }
    }

    private final Environment environment;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Deque<Waiter> urgent = new ArrayDeque<>();

    @GuardedBy("lock")
    private final Deque<Waiter> ordinary = new ArrayDeque<>();

    @GuardedBy("lock")
    private double limit = MOST;

    @GuardedBy("lock")
    private int underWay;

    @GuardedBy("lock")
    private long cuts;

    ConcurrencyLimit(Environment environment) {
        this.environment = environment;
    }

    /** Waits for room; what it returns is for {@link #leave}. */
    long enter(Urgency urgency) {
        Waiter waiter;
        lock.lock();
        try {
            Deque<Waiter> queue = urgency == Urgency.URGENT ? urgent : ordinary;
            if (queue.isEmpty() && hasRoom(urgency)) {
                underWay++;
                return cuts;
            }
            waiter = new Waiter(environment.signal());
            queue.add(waiter);
        } finally {
            lock.unlock();
        }
        waiter.await();
        return waiter.cutsBefore;
    }

    @GuardedBy("lock")
    private boolean hasRoom(Urgency urgency) {
        int extra = urgency == Urgency.URGENT ? ROOM_FOR_URGENT : 0;
        return underWay < (int) limit + extra;
    }

    void leave(long entered, Answer answer) {
        Deque<Waiter> next = new ArrayDeque<>();
        long now;
        lock.lock();
        try {
            underWay--;
            switch (answer) {
                case GIVEN -> limit = Math.min(MOST, limit + 1 / limit);
                case THROTTLED -> cut(entered);
                case FAILED -> {}
            }
            while (!urgent.isEmpty() && hasRoom(Urgency.URGENT)) {
                next.add(urgent.remove());
                underWay++;
            }
            while (!ordinary.isEmpty() && hasRoom(Urgency.ORDINARY)) {
                next.add(ordinary.remove());
                underWay++;
            }
            now = cuts;
        } finally {
            lock.unlock();
        }
        next.forEach(waiter -> waiter.admit(now));
    }

    /** Once for all requests that were under way together: they are one piece of news. */
    @GuardedBy("lock")
    private void cut(long entered) {
        if (entered == cuts) {
            cuts++;
            // What was under way was too much, however far the limit was above it.
            limit = Math.max(LEAST, Math.min(limit, underWay + 1) / 2);
        }
    }

    int limit() {
        lock.lock();
        try {
            return (int) limit;
        } finally {
            lock.unlock();
        }
    }

    int underWay() {
        lock.lock();
        try {
            return underWay;
        } finally {
            lock.unlock();
        }
    }

    int waiting() {
        lock.lock();
        try {
            return urgent.size() + ordinary.size();
        } finally {
            lock.unlock();
        }
    }
}
