package io.lsmbd.cache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * At most one load per frame at a time, whoever asks. A flight's leader has its buffer before it
 * starts and waits for no other flight until its own have ended; an ended flight is forgotten, so a
 * failure is never remembered.
 */
final class SingleFlight {
    private final FrameBuffers buffers;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Map<FrameKey, Flight> underWay = new HashMap<>();

    SingleFlight(FrameBuffers buffers) {
        this.buffers = buffers;
    }

    /**
     * Starts the flight, led by the caller, and returns null; or, if one of that frame is under
     * way, returns that one, held for the caller.
     */
    @Nullable Flight joinOrStart(Flight flight) {
        lock.lock();
        try {
            Flight other = underWay.putIfAbsent(flight.key(), flight);
            if (other != null) {
                other.hold();
            }
            return other;
        } finally {
            lock.unlock();
        }
    }

    /** Ends a flight that the caller leads. A landed frame is in the memory tier by now. */
    void end(Flight flight, Flight.Outcome how) {
        lock.lock();
        try {
            underWay.remove(flight.key(), flight);
        } finally {
            lock.unlock();
        }
        flight.end(how);
    }

    /** Each holder, the leader too, lets go once and does not touch the flight again. */
    void letGo(Flight flight) {
        boolean wasLast;
        lock.lock();
        try {
            wasLast = flight.letGo();
        } finally {
            lock.unlock();
        }
        if (!wasLast) {
            return;
        }
        if (flight.await() instanceof Flight.Outcome.Landed) {
            buffers.giveBack(flight.buffer());
        } else {
            buffers.giveUp();
        }
    }
}
