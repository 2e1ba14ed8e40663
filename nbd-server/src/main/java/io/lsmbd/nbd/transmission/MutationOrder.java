package io.lsmbd.nbd.transmission;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps mutations of one volume that have to wait in the order of their arrival, as far as they
 * overlap; whatever connection they came over. Without it a write that waits (back-pressure, slow
 * store) could be sent again by its client over another connection, be acknowledged there, be
 * followed by a newer write, and then come through at last over the newer one. Mutations that need
 * not wait ask {@link #isClear} and pass.
 */
final class MutationOrder {
    /** One waiting mutation. */
    static final class Turn {
        private final long start;
        private final long end;

        private Turn(long start, long end) {
            this.start = start;
            this.end = end;
        }

        private boolean overlaps(long otherStart, long otherEnd) {
            return start < otherEnd && otherStart < end;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Signal left;

    /** In order of arrival; changed under the lock. */
    private final List<Turn> turns = new ArrayList<>();

    /** The size of {@link #turns}, to be read without the lock. */
    private volatile int waiting;

    MutationOrder(Environment environment) {
        this.left = environment.signal();
    }

    /** Whether no waiting mutation overlaps the range. */
    boolean isClear(long offset, long length) {
        if (waiting == 0) {
            return true;
        }
        lock.lock();
        try {
            for (Turn turn : turns) {
                if (turn.overlaps(offset, offset + length)) {
                    return false;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a place in the order; to be followed by {@link #leave}, whatever happens. */
    Turn enter(long offset, long length) {
        Turn turn = new Turn(offset, offset + length);
        lock.lock();
        try {
            turns.add(turn);
            waiting = turns.size();
        } finally {
            lock.unlock();
        }
        return turn;
    }

    /** Waits until no earlier mutation overlaps. */
    void await(Turn turn) {
        left.await(() -> isNext(turn));
    }

    private boolean isNext(Turn turn) {
        lock.lock();
        try {
            for (Turn earlier : turns) {
                if (earlier == turn) {
                    return true;
                }
                if (earlier.overlaps(turn.start, turn.end)) {
                    return false;
                }
            }
            throw new IllegalStateException("a mutation waits for a turn it has left");
        } finally {
            lock.unlock();
        }
    }

    void leave(Turn turn) {
        lock.lock();
        try {
            turns.remove(turn);
            waiting = turns.size();
        } finally {
            lock.unlock();
        }
        left.signalAll();
    }
}
