package io.lsmbd.objectstore.probe;

import io.lsmbd.objectstore.PutOutcome;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Counts how the rounds of a race ended. In each round some writers put different bytes under one
 * condition, then the object is read. The round is
 *
 * <ul>
 *   <li>clear if exactly one writer was told that it won, and its bytes are there;
 *   <li>resolved if none was told so, but the bytes of one are there: its answer was lost, or a
 *       retry below met its own first attempt. lsmbd reads back for that reason;
 *   <li>unclear if the bytes of none are there, but some writer never had a clear answer;
 *   <li>broken otherwise: two writers may both believe that they won, or a write was lost.
 * </ul>
 */
final class RaceTally {
    private int rounds;
    private int clear;
    private int resolved;
    private int unclear;
    private int broken;
    private long toldWinners;
    private boolean hasUnknowns;
    private String firstBreach = "";

    /** Adds a round. {@code bodies}: by writer; {@code there}: what was read when all had ended. */
    void add(List<PutOutcome> outcomes, List<byte[]> bodies, Optional<byte[]> there) {
        rounds++;
        int[] winners =
                IntStream.range(0, outcomes.size())
                        .filter(i -> outcomes.get(i) instanceof PutOutcome.Stored)
                        .toArray();
        toldWinners += winners.length;
        hasUnknowns |= outcomes.stream().anyMatch(PutOutcome.Unknown.class::isInstance);
        OptionalInt author =
                IntStream.range(0, bodies.size())
                        .filter(i -> there.isPresent() && Arrays.equals(bodies.get(i), there.get()))
                        .findFirst();
        if (winners.length > 1) {
            breach(
                    "%d of %d writers were told that they won"
                            .formatted(winners.length, bodies.size()));
        } else if (winners.length == 1) {
            if (author.isPresent() && author.getAsInt() == winners[0]) {
                clear++;
            } else {
                breach("one writer was told that it won, and other bytes are read, or none");
            }
        } else if (author.isPresent()) {
            resolved++;
        } else if (hasUnknowns) {
            // A put without an answer may also come in rounds later.
            unclear++;
        } else {
            breach("all of %d writers were refused".formatted(bodies.size()));
        }
    }

    private void breach(String what) {
        broken++;
        firstBreach = firstBreach.isEmpty() ? what : firstBreach;
    }

    int rounds() {
        return rounds;
    }

    /** How many writes must have taken effect, by what the writers were told or read back. */
    long successes() {
        return toldWinners + resolved;
    }

    /** {@code wanted}: the rounds that there were to be. */
    Finding finding(int wanted, String hint) {
        return verdict(wanted, hint)
                .with("rounds", rounds)
                .with("clear", clear)
                .with("resolved", resolved)
                .with("unclear", unclear)
                .with("broken", broken);
    }

    private Finding verdict(int wanted, String hint) {
        if (broken > 0) {
            return Finding.failed(
                    "%d of %d rounds broken; the first: %s".formatted(broken, rounds, firstBreach),
                    hint);
        }
        if (clear + resolved == 0) {
            return Finding.unanswered(
                    "none of %d rounds had a clear end".formatted(rounds),
                    "The store gives no clear answers: look at its log, then run this again.");
        }
        if (unclear > 0) {
            return Finding.warning(
                    "%d of %d rounds had no clear end".formatted(unclear, rounds),
                    "Answers of the store were lost; lsmbd can live with that. Run this again to"
                            + " see the race undisturbed.");
        }
        String what = "%d rounds, exactly one winner each".formatted(rounds);
        return rounds < wanted
                ? Finding.warning(
                        what + "; there was no time for " + wanted,
                        "The store is slow; what was seen of it is right.")
                : Finding.ok(what);
    }
}
