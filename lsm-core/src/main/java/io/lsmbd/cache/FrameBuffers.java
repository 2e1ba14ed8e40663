package io.lsmbd.cache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bounded memory for frames on their way. Whoever needs several takes them in one call and holds
 * none while waiting, so nobody waits in a circle; and it is first come, first served, so a large
 * load is not starved by small ones. The memory is kept for reuse, and freed with this object.
 */
final class FrameBuffers {
    private final Signal changed;
    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final ArrayDeque<FrameBuffer> idle = new ArrayDeque<>();

    @GuardedBy("lock")
    private int taken;

    @GuardedBy("lock")
    private long lastTicket;

    @GuardedBy("lock")
    private long served;

    FrameBuffers(Environment env, int capacity) {
        this.changed = env.signal();
        this.capacity = capacity;
    }

    int capacity() {
        return capacity;
    }

    /** Waits until so many buffers, at most {@link #capacity}, are free, and takes them. */
    List<FrameBuffer> take(int count) {
        if (count > capacity) {
            throw new IllegalArgumentException(
                    "%d frames wanted at once, at most %d".formatted(count, capacity));
        }
        long ticket = nextTicket();
        if (!isTurnOf(ticket, count)) {
            changed.await(() -> isTurnOf(ticket, count));
        }
        List<FrameBuffer> buffers = serve(count);
        changed.signalAll();
        return buffers;
    }

    /** A buffer, if one is free and nobody waits; else null. */
    @Nullable FrameBuffer takeIfFree() {
        lock.lock();
        try {
            if (taken >= capacity || served != lastTicket) {
                return null;
            }
            FrameBuffer buffer = idle.isEmpty() ? new FrameBuffer() : idle.pop();
            taken++;
            return buffer;
        } finally {
            lock.unlock();
        }
    }

    private long nextTicket() {
        lock.lock();
        try {
            return ++lastTicket;
        } finally {
            lock.unlock();
        }
    }

    private boolean isTurnOf(long ticket, int count) {
        lock.lock();
        try {
            return served == ticket - 1 && taken + count <= capacity;
        } finally {
            lock.unlock();
        }
    }

    /** Only for whose turn it is: nobody else takes, so the room that was seen is still there. */
    private List<FrameBuffer> serve(int count) {
        List<FrameBuffer> buffers = new ArrayList<>(count);
        lock.lock();
        try {
            served++;
            taken += count;
            while (buffers.size() < count && !idle.isEmpty()) {
                buffers.add(idle.pop());
            }
        } finally {
            lock.unlock();
        }
        try {
            while (buffers.size() < count) {
                buffers.add(new FrameBuffer());
            }
            return buffers;
        } finally {
            // Without memory for all of them the caller gets none, and nobody else suffers for it.
            for (int missing = buffers.size(); missing < count; missing++) {
                giveUp();
            }
            if (buffers.size() < count) {
                buffers.forEach(this::giveBack);
            }
        }
    }

    void giveBack(FrameBuffer buffer) {
        lock.lock();
        try {
            taken--;
            idle.push(buffer);
        } finally {
            lock.unlock();
        }
        changed.signalAll();
    }

    /**
     * Gives back the room but lets the buffer itself go: after a failed load somebody might still
     * write into it.
     */
    void giveUp() {
        lock.lock();
        try {
            taken--;
        } finally {
            lock.unlock();
        }
        changed.signalAll();
    }

    int takenNow() {
        lock.lock();
        try {
            return taken;
        } finally {
            lock.unlock();
        }
    }
}
