package io.lsmbd.cache;

import io.lsmbd.env.Signal;
import io.lsmbd.error.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * A frame on its way here, led by the task that found it missing first. Others wait for it and copy
 * from its buffer, which stays until the last of them has let go.
 */
final class Flight {
    /** How a flight ended. */
    sealed interface Outcome {
        /** The frame is in the flight's buffer. */
        enum Landed implements Outcome {
            LANDED
        }

        /** It cannot be had; everyone who waited is told. */
        record Failed(StorageException cause) implements Outcome {}

        /** Its leader gave up for reasons of its own; whoever waited tries for itself. */
        enum Abandoned implements Outcome {
            ABANDONED
        }
    }

    private final FrameKey key;
    private final FrameBuffer buffer;
    private final Signal ended;
    private volatile @Nullable Outcome outcome;
    private int holders = 1; // guarded by the lock of SingleFlight; the first is the leader

    Flight(FrameKey key, FrameBuffer buffer, Signal ended) {
        this.key = key;
        this.buffer = buffer;
        this.ended = ended;
    }

    FrameKey key() {
        return key;
    }

    /** The leader's until the end; then read-only for all holders, each through a view. */
    FrameBuffer buffer() {
        return buffer;
    }

    boolean hasEnded() {
        return outcome != null;
    }

    /** Only by the leader, once. */
    void end(Outcome how) {
        outcome = how;
        ended.signalAll();
    }

    /** Waits for the end. The leader waits for nobody while it leads, so this ends. */
    Outcome await() {
        Outcome now = outcome;
        while (now == null) {
            ended.await(this::hasEnded);
            now = outcome;
        }
        return now;
    }

    void hold() {
        holders++;
    }

    /** Whether that was the last one. */
    boolean letGo() {
        return --holders == 0;
    }
}
