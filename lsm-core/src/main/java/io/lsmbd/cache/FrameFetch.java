package io.lsmbd.cache;

import io.lsmbd.env.Environment;
import io.lsmbd.env.Signal;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * Brings the frames of one request that are not in memory. In this order, so that nobody waits in a
 * circle: (1) take buffers for all of them, waiting while holding nothing; (2) start a flight for
 * each frame, or join the one that is under way; (3) end the own flights, from a tier or the
 * loader; (4) wait for the joined ones; (5) let all go.
 */
final class FrameFetch {
    /** 8 MiB: what one call of the loader brings at most. */
    private static final int MAX_FRAMES_AT_ONCE = 128;

    /** A frame of the request and the flight that brings it. */
    private record Boarded(int index, Flight flight) {}

    private final FrameTiers tiers;
    private final FrameBuffers buffers;
    private final SingleFlight flights;
    private final Environment env;
    private final FrameRequest request;
    private final FrameLoader loader;

    FrameFetch(
            FrameTiers tiers,
            FrameBuffers buffers,
            SingleFlight flights,
            Environment env,
            FrameRequest request,
            FrameLoader loader) {
        this.tiers = tiers;
        this.buffers = buffers;
        this.flights = flights;
        this.env = env;
        this.request = request;
        this.loader = loader;
    }

    /** Brings the frames, by index in the request. */
    void bring(BitSet missing) throws StorageException {
        int atOnce = Math.min(MAX_FRAMES_AT_ONCE, buffers.capacity());
        BitSet left = (BitSet) missing.clone();
        while (!left.isEmpty()) {
            BitSet now = new BitSet();
            while (now.cardinality() < atOnce && !left.isEmpty()) {
                int index = left.nextSetBit(0);
                now.set(index);
                left.clear(index);
            }
            left.or(attempt(now));
        }
    }

    /** Returns the frames whose flights were abandoned by others: they are to be tried again. */
    private BitSet attempt(BitSet indexes) throws StorageException {
        List<Boarded> led = new ArrayList<>();
        List<Boarded> joined = new ArrayList<>();
        Deque<FrameBuffer> spare = new ArrayDeque<>(buffers.take(indexes.cardinality())); // (1)
        try {
            board(indexes, spare, led, joined); // (2)
            giveBack(spare);
            bringIn(led); // (3)
            return await(joined); // (4)
        } finally {
            giveBack(spare);
            for (Boarded it : led) {
                if (!it.flight().hasEnded()) {
                    flights.end(it.flight(), Flight.Outcome.Abandoned.ABANDONED);
                }
                flights.letGo(it.flight()); // (5)
            }
            for (Boarded it : joined) {
                flights.letGo(it.flight());
            }
        }
    }

    private void board(
            BitSet indexes, Deque<FrameBuffer> spare, List<Boarded> led, List<Boarded> joined) {
        Signal ended = env.signal();
        for (int i = indexes.nextSetBit(0); i >= 0; i = indexes.nextSetBit(i + 1)) {
            Flight own = new Flight(request.key(i), spare.getFirst(), ended);
            Flight other = flights.joinOrStart(own);
            if (other == null) {
                spare.removeFirst();
                led.add(new Boarded(i, own));
            } else if (request.wantsBytes()) {
                joined.add(new Boarded(i, other));
            } else {
                flights.letGo(other);
            }
        }
    }

    private void giveBack(Deque<FrameBuffer> spare) {
        while (!spare.isEmpty()) {
            buffers.giveBack(spare.removeFirst());
        }
    }

    private void bringIn(List<Boarded> led) throws StorageException {
        List<Boarded> toLoad = new ArrayList<>();
        for (Boarded it : led) {
            // Memory too: it may have come between the first look and the start of the flight.
            if (tiers.find(it.flight().key(), it.flight().buffer())) {
                land(it);
            } else {
                toLoad.add(it);
            }
        }
        for (int from = 0, to; from < toLoad.size(); from = to) {
            to = from + 1;
            while (to < toLoad.size() && toLoad.get(to).index() == toLoad.get(to - 1).index() + 1) {
                to++;
            }
            load(toLoad.subList(from, to));
        }
    }

    private void load(List<Boarded> run) throws StorageException {
        ByteBuffer[] plain = new ByteBuffer[run.size()];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = run.get(i).flight().buffer().plain().clear();
        }
        try {
            loader.load(run.getFirst().flight().key().frame(), plain.length, plain);
        } catch (StorageException e) {
            fail(run, e);
            throw e;
        }
        for (int i = 0; i < plain.length; i++) {
            Flight flight = run.get(i).flight();
            flight.buffer().accept(plain[i]);
            tiers.keep(flight.key(), flight.buffer());
            land(run.get(i));
        }
    }

    /**
     * Damage is a matter of some of the frames only, and whoever waits for one that is whole shall
     * have it: they load for themselves. Any other failure concerns all.
     */
    private void fail(List<Boarded> run, StorageException cause) {
        boolean mayBeAnothersDamage = cause instanceof CorruptDataException && run.size() > 1;
        Flight.Outcome outcome =
                mayBeAnothersDamage
                        ? Flight.Outcome.Abandoned.ABANDONED
                        : new Flight.Outcome.Failed(cause);
        for (Boarded it : run) {
            flights.end(it.flight(), outcome);
        }
    }

    private void land(Boarded it) {
        flights.end(it.flight(), Flight.Outcome.Landed.LANDED);
        request.copyFrom(it.index(), it.flight().buffer().plain());
    }

    private BitSet await(List<Boarded> joined) throws StorageException {
        BitSet again = new BitSet();
        for (Boarded it : joined) {
            switch (it.flight().await()) {
                case Flight.Outcome.Landed _ ->
                        request.copyFrom(it.index(), it.flight().buffer().plain());
                case Flight.Outcome.Failed(StorageException cause) -> throw cause;
                case Flight.Outcome.Abandoned _ -> again.set(it.index());
            }
        }
        return again;
    }
}
