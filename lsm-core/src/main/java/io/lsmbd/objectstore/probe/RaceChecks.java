package io.lsmbd.objectstore.probe;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.StoredObject;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Many writers put one object at the same instant: of each round exactly one may win. */
final class RaceChecks {
    static final String HINT =
            "Two daemons could both believe that a volume is theirs, and each destroy what the"
                    + " other wrote. Keep volumes in a store, or in a version of this one, whose"
                    + " conditional PUT (%s) is atomic.";
    private static final String CREATE_HINT = HINT.formatted("If-None-Match: *");
    private static final String SWAP_HINT = HINT.formatted("If-Match");

    private final ProbeRoom room;
    private final Environment environment;
    private final ProbeConfig config;
    private final Together together;

    RaceChecks(ProbeRoom room, Environment environment, ProbeConfig config) {
        this.room = room;
        this.environment = environment;
        this.config = config;
        this.together = new Together(environment);
    }

    /** In each round all create one new object. */
    Finding creates() throws ObjectStoreException {
        RaceTally tally = new RaceTally();
        Patience patience = patience();
        do {
            ObjectKey key = room.key("create-race/%05d".formatted(tally.rounds()));
            List<byte[]> bodies = bodies("round " + tally.rounds());
            List<PutOutcome> outcomes = race(key, bodies, new PutCondition.IfAbsent());
            tally.add(outcomes, bodies, room.look(key).map(StoredObject::bytes));
        } while (tally.rounds() < config.rounds() && !patience.isOver());
        return tally.finding(config.rounds(), CREATE_HINT).with("writers", config.writers());
    }

    /**
     * In each round all add one to the same version of a counter, which therefore ends at the
     * number of additions that succeeded.
     */
    Finding swaps() throws ObjectStoreException {
        RaceTally tally = new RaceTally();
        Patience patience = patience();
        ObjectKey key = room.key("swap-race");
        room.put(key, counter(0));
        Optional<StoredObject> now = room.look(key);
        while (now.isPresent() && tally.rounds() < config.rounds()) {
            long next = count(now.get().bytes()) + 1;
            List<byte[]> bodies = bodies(Long.toString(next));
            var condition = new PutCondition.IfMatches(now.get().etag());
            List<PutOutcome> outcomes = race(key, bodies, condition);
            now = room.look(key);
            tally.add(outcomes, bodies, now.map(StoredObject::bytes));
            if (patience.isOver()) {
                break;
            }
        }
        if (now.isEmpty()) {
            return Finding.failed("the counter that was swapped is gone", SWAP_HINT)
                    .with("rounds", tally.rounds());
        }
        long total = count(now.get().bytes());
        Finding races = tally.finding(config.rounds(), SWAP_HINT);
        boolean isWhole = races.verdict() != Verdict.OK || total == tally.successes();
        Finding finding = isWhole ? races : lost(tally, races);
        return finding.with("writers", config.writers())
                .with("successes", tally.successes())
                .with("counter", total);
    }

    private static Finding lost(RaceTally tally, Finding races) {
        return new Finding(
                Verdict.FAILED,
                "the counter does not show the %d additions that succeeded"
                        .formatted(tally.successes()),
                races.figures(),
                SWAP_HINT);
    }

    private Patience patience() {
        return new Patience(environment.nanoClock(), config.patience());
    }

    private List<PutOutcome> race(ObjectKey key, List<byte[]> bodies, PutCondition condition)
            throws ObjectStoreException {
        return together.make(bodies.size(), i -> () -> room.put(key, bodies.get(i), condition));
    }

    /** A body for each writer; its first word is what {@link #count} reads. */
    private List<byte[]> bodies(String start) {
        return IntStream.range(0, config.writers())
                .mapToObj(writer -> (start + " by writer " + writer).getBytes(US_ASCII))
                .toList();
    }

    private static byte[] counter(long value) {
        return (value + " at first").getBytes(US_ASCII);
    }

    private static long count(byte[] body) {
        String word = new String(body, US_ASCII).split(" ", 2)[0];
        if (!word.matches("[0-9]{1,9}")) {
            throw new Misbehaviour(
                    "the counter of swap-race has %d bytes that nobody put there"
                            .formatted(body.length));
        }
        return Long.parseLong(word);
    }
}
