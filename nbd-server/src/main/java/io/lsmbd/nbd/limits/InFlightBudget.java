package io.lsmbd.nbd.limits;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What all connections together may have in flight: requests, and bytes in memory on their account.
 * Who gets no room stops reading its socket and is told when to try again. Thread-safe.
 *
 * <p>A connection may have up to half of what is free without it (as switches share their memory
 * among ports: Choudhury and Hahne, "Dynamic queue length thresholds", 1998). So a greedy one stops
 * by itself while there is room for others. But those that come later find less and less, and who
 * stands still gives nothing back. So a quarter of the bytes is kept for connections that have
 * little: up to 1/128 of the whole each, and half as much to read ahead. It lasts for some dozens
 * of them, however many others have taken all they could.
 *
 * <p>That alone would never let in a request that is larger than half of the whole, nor end two
 * payloads that wait for each other's room. So there is a <em>lane</em> beside the room, for one
 * request of any size at a time, in the order in which they came. What is in the lane takes nothing
 * from the others: should its client stop in the middle, only those wait that need the lane. There
 * never is more in memory than the limit and one request. Of requests there may be one more for
 * each connection.
 */
public final class InFlightBudget {
    /** What a connection with little has at most. */
    private static final long MOST_LITTLE = 512 << 10;

    private static final int LITTLE_PART = 128;
    private static final int KEPT_PART = 4;

    /** Taken beyond what is needed while there is plenty, so that most requests need no lock. */
    private static final long SPARE_BYTES = 64 << 10;

    private static final int SPARE_REQUESTS = 16;

    private final InFlightLimits limits;

    /** Those that need more in all do not stand in the same queue as those that do not. */
    private final long little;

    /** Of the bytes: for those that have little. */
    private final long kept;

    private final ReentrantLock lock = new ReentrantLock();

    // The following belong to whoever holds the lock. Bytes are those that are not in the lane.
    private long bytes;
    private int requests;
    private final Deque<Share> needLittle = new ArrayDeque<>();
    private final Deque<Share> needMuch = new ArrayDeque<>();

    /** Those that have requests in flight and so can go on without the lane. */
    private final Deque<Share> haveSome = new ArrayDeque<>();

    private final List<Deque<Share>> queues = List.of(needLittle, needMuch, haveSome);
    private long arrivals;
    private @Nullable Share inLane;

    /** Has all of {@code limits} free. */
    public InFlightBudget(InFlightLimits limits) {
        this.limits = limits;
        this.little = Math.min(MOST_LITTLE, limits.bytes().bytes() / LITTLE_PART);
        this.kept = limits.bytes().bytes() / KEPT_PART;
    }

    /** For a new connection; {@code onRoom} runs on {@code executor} when it should try again. */
    public Share open(Executor executor, Runnable onRoom) {
        return new Share(executor, onRoom);
    }

    /** What is taken just now, and how many connections wait. */
    public record Usage(long bytes, int requests, int waiting) {}

    /** For metrics. */
    public Usage usage() {
        lock.lock();
        try {
            int waiting = needLittle.size() + needMuch.size() + haveSome.size();
            long lane = inLane == null ? 0 : inLane.laneBytes;
            return new Usage(bytes + lane, requests, waiting);
        } finally {
            lock.unlock();
        }
    }

    private long free() {
        return limits.bytes().bytes() - bytes;
    }

    /**
     * The most that a connection may have which would then have {@code whole}, with so much free.
     */
    private long most(long whole, long little, long free) {
        return (whole <= little ? free : free - kept) / 2;
    }

    private int freeRequests() {
        return limits.requests() - requests;
    }

    /** Tells those that can go on now; to be called whenever there is more room. */
    private void letThrough() {
        if (inLane != null
                && inLane.lane == Lane.COMPLETE
                && inLane.laneBytes <= Math.max(0, free() - kept)) {
            inLane.leaveLane();
        }
        long free = free();
        int freeRequests = freeRequests();
        for (Deque<Share> queue : queues) {
            Share first = queue.peek();
            while (first != null && first.fitsInto(free, freeRequests)) {
                free -= first.wantedBytes;
                freeRequests -= first.wantedRequests;
                first.leaveQueue();
                first.tellOfRoom();
                first = queue.peek();
            }
        }
        if (inLane == null) {
            Share next = earlier(needLittle.peek(), needMuch.peek());
            if (next != null) {
                inLane = next;
                next.lane = Lane.GRANTED;
                next.leaveQueue();
                next.tellOfRoom();
            }
        }
    }

    private static @Nullable Share earlier(@Nullable Share a, @Nullable Share b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.arrival < b.arrival ? a : b;
    }

    /** How far the request is for which a connection has the lane. */
    private enum Lane {
        GRANTED,
        ARRIVING,
        COMPLETE
    }

    /** What one connection has. Its methods are for that connection's event loop. */
    public final class Share implements AutoCloseable {
        private final Executor executor;
        private final Runnable onRoom;

        // The following belong to the event loop.
        private long usedBytes;
        private int usedRequests;

        /** Replies on their way to the client. */
        private long unsentBytes;

        /**
         * Of the used ones: to read ahead into, on top of what a connection may have. Others may
         * see it late when they look whom to tell; who is told too early just asks again.
         */
        private long aheadBytes;

        /** Asks for room for a request, not for more of a payload. */
        private boolean isBeginning;

        // The following belong to whoever holds the lock; only the event loop changes the first
        // two, so it may read them without.
        private long takenBytes;
        private int takenRequests;

        /** How many of the taken bytes are in the lane. */
        private long laneBytes;

        /** Of interest while it has the lane. */
        private Lane lane = Lane.COMPLETE;

        /** Where it waits, and for what. */
        private @Nullable Deque<Share> queue;

        private long wantedBytes;
        private int wantedRequests;
        private long arrival;

        private Share(Executor executor, Runnable onRoom) {
            this.executor = executor;
            this.onRoom = onRoom;
        }

        /**
         * Takes room for one more request: for {@code now} bytes of it, with up to {@code later}
         * more to come. If it returns false, the connection is told when to try again.
         */
        public boolean begin(long now, long later) {
            return take(1, now, later);
        }

        /**
         * Takes room for the next {@code now} bytes of the payload that is arriving, with up to
         * {@code later} more to come. If it returns false, the connection is told when to try
         * again.
         */
        public boolean grow(long now, long later) {
            return take(0, now, later);
        }

        private boolean take(int moreRequests, long now, long later) {
            long missing = Math.max(0, usedBytes + unsentBytes + now - takenBytes);
            int missingRequests = Math.max(0, usedRequests + moreRequests - takenRequests);
            if (missing + missingRequests > 0) {
                isBeginning = moreRequests > 0;
                if (!takeMore(missing, missingRequests, now, later)) {
                    return false;
                }
            }
            usedBytes += now;
            usedRequests += moreRequests;
            return true;
        }

        private boolean takeMore(long missing, int missingRequests, long now, long later) {
            lock.lock();
            try {
                leaveQueue();
                if (inLane == this && lane != Lane.COMPLETE) {
                    lane = later == 0 ? Lane.COMPLETE : Lane.ARRIVING;
                    laneBytes += missing;
                    takenBytes += missing;
                    change(0, missingRequests);
                    letThrough(); // complete, it may be able to leave the lane to the next
                    return true;
                }
                if (!fits(missing, missingRequests, free(), freeRequests())) {
                    wantedBytes = missing;
                    wantedRequests = missingRequests;
                    enterQueue(now + later);
                    letThrough();
                    return false;
                }
                long many = missing + SPARE_BYTES;
                int manyRequests = missingRequests + SPARE_REQUESTS;
                boolean isPlenty = fits(many, manyRequests, free(), freeRequests());
                change(isPlenty ? many : missing, isPlenty ? manyRequests : missingRequests);
                return true;
            } finally {
                lock.unlock();
            }
        }

        /**
         * Takes so many bytes to read ahead into if there is plenty or they are few, without
         * waiting for it if not. To be given back by {@link #giveBack}.
         */
        public boolean takeIfRoom(long count) {
            lock.lock();
            try {
                long whole = takenBytes + count;
                if (whole > most(whole, little / 2, free())) {
                    return false;
                }
                change(count, 0);
                usedBytes += count;
                aheadBytes += count;
                return true;
            } finally {
                lock.unlock();
            }
        }

        /** Reads less ahead; {@link #settle} lets others have so many bytes. */
        public void giveBack(long count) {
            usedBytes -= count;
            aheadBytes -= count;
        }

        /** A request ended that had so many bytes; {@link #settle} lets others have its room. */
        public void end(long count) {
            usedBytes -= count;
            usedRequests--;
        }

        private void change(long moreBytes, int moreRequests) {
            takenBytes += moreBytes;
            bytes += moreBytes;
            takenRequests += moreRequests;
            requests += moreRequests;
        }

        private boolean fitsInto(long free, int freeRequests) {
            return fits(wantedBytes, wantedRequests, free, freeRequests);
        }

        private boolean fits(long more, int moreRequests, long free, int freeRequests) {
            long whole = takenBytes - aheadBytes + more;
            boolean areBytesFree = more == 0 || whole <= most(whole, little, free);
            int mostRequests = freeRequests / 2 + 1;
            boolean areRequestsFree =
                    moreRequests == 0
                            || (moreRequests <= freeRequests
                                    && takenRequests + moreRequests <= mostRequests);
            return areBytesFree && areRequestsFree;
        }

        /** For a request of which so many bytes are still to come. */
        private void enterQueue(long toCome) {
            boolean hasSome = usedRequests > (isBeginning ? 0 : 1) || unsentBytes > little;
            if (hasSome) {
                queue = haveSome;
            } else {
                queue = usedBytes + unsentBytes + toCome <= little ? needLittle : needMuch;
            }
            queue.add(this);
            arrival = arrivals++;
        }

        private void leaveQueue() {
            if (queue != null) {
                queue.remove(this);
                queue = null;
            }
        }

        private void tellOfRoom() {
            try {
                executor.execute(onRoom);
            } catch (RejectedExecutionException _) {
                // The server is closed, and so is that connection; this one need not care.
            }
        }

        /** Its bytes count as all others'. */
        private void leaveLane() {
            bytes += laneBytes;
            laneBytes = 0;
            lane = Lane.COMPLETE;
            inLane = null;
        }

        /**
         * So many bytes of replies are on their way to the client, and count against what comes
         * next: a request that was answered leaves room only when its reply has left. That there
         * are fewer is for {@link #settle} to say.
         */
        public void unsent(long count) {
            unsentBytes = Math.max(unsentBytes, count);
        }

        /**
         * Lets others have what this connection took and does not use any more. So many bytes of
         * replies are on their way, asked for or not. To be called when a batch of work is done.
         */
        public void settle(long unsent) {
            boolean hasFallen = unsent < unsentBytes;
            unsentBytes = unsent;
            long used = usedBytes + unsent;
            if (used == takenBytes && usedRequests == takenRequests && !hasFallen) {
                return;
            }
            lock.lock();
            try {
                giveUpTo(used, usedRequests);
                if (queue != null) {
                    // With less of its own it may fit where those before it do not.
                    leaveQueue();
                    tellOfRoom();
                }
                letThrough();
            } finally {
                lock.unlock();
            }
        }

        /** The lane last: what is given back is for everybody. */
        private void giveUpTo(long keptBytes, int keptRequests) {
            long keptInLane = Math.min(laneBytes, keptBytes);
            bytes += (keptBytes - keptInLane) - (takenBytes - laneBytes);
            takenBytes = keptBytes;
            laneBytes = keptInLane;
            requests += keptRequests - takenRequests;
            takenRequests = keptRequests;
            if (lane == Lane.ARRIVING && keptRequests == 0) {
                lane = Lane.COMPLETE; // it was refused
            }
        }

        /** Whether its payload arrives in the lane while others wait for that. */
        public boolean isInTheWay() {
            lock.lock();
            try {
                boolean doOthersWait = !needLittle.isEmpty() || !needMuch.isEmpty();
                return inLane == this && lane == Lane.ARRIVING && doOthersWait;
            } finally {
                lock.unlock();
            }
        }

        /** The connection cannot go on for now for a reason of its own: others may. */
        public void standAside() {
            lock.lock();
            try {
                leaveQueue();
                if (inLane == this && lane == Lane.GRANTED) {
                    leaveLane();
                }
                letThrough();
            } finally {
                lock.unlock();
            }
        }

        /**
         * The connection is gone and waits for nothing. What its requests still have stays taken
         * until they end.
         */
        @Override
        public void close() {
            standAside();
            settle(0);
        }
    }
}
