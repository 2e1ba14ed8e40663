package io.lsmbd.objectstore.fault;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import java.util.ArrayList;
import java.util.List;

/** Holds requests back until a test opens it; stays open then. */
public final class Gate {
    private final Signal signal;
    private final List<Runnable> late = new ArrayList<>();
    private boolean isOpen;
    private int waiting;

    public Gate(Environment environment) {
        this.signal = environment.signal();
    }

    /** Lets everyone through, and does, on this thread, what was left for later. */
    public void open() {
        List<Runnable> due;
        synchronized (this) {
            isOpen = true;
            due = List.copyOf(late);
            late.clear();
        }
        signal.signalAll();
        due.forEach(Runnable::run);
    }

    public synchronized boolean isOpen() {
        return isOpen;
    }

    private synchronized int waiting() {
        return waiting;
    }

    private synchronized void countWaiting(int change) {
        waiting += change;
    }

    /** Waits until so many requests hang at this gate. */
    public void awaitWaiting(int requests) {
        signal.await(() -> waiting() >= requests);
    }

    /** Waits until it is open. */
    public void pass() {
        countWaiting(1);
        signal.signalAll();
        signal.await(this::isOpen);
        countWaiting(-1);
    }

    void later(Runnable action) {
        synchronized (this) {
            if (!isOpen) {
                late.add(action);
                return;
            }
        }
        action.run();
    }
}
