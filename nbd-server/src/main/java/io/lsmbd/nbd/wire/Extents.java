package io.lsmbd.nbd.wire;

import static io.lsmbd.nbd.wire.NbdConstants.STATE_HOLE;
import static io.lsmbd.nbd.wire.NbdConstants.STATE_ZERO;

import java.util.Arrays;

/**
 * What a BLOCK_STATUS learns of one context: adjoining extents from the request's offset on,
 * neighbours of one state merged. The spec allows it to end before the request does, so it is full
 * at a bound, or at the first extent for REQ_ONE. Not thread-safe.
 */
public final class Extents {
    private static final int FIRST_CAPACITY = 16;

    private final int bound;
    private final long requestLength;
    private long[] lengths = new long[FIRST_CAPACITY];
    private int[] states = new int[FIRST_CAPACITY];
    private int count;
    private long covered;

    /** At most {@code bound} of them, for so many bytes, at least 1. */
    public Extents(long requestLength, int bound) {
        this.requestLength = requestLength;
        this.bound = bound;
    }

    public static int stateOfData() {
        return 0;
    }

    public static int stateOfHole() {
        return STATE_HOLE | STATE_ZERO;
    }

    /** Appends a run, cut at the request's end; returns false when no more are wanted. */
    public boolean add(long length, int state) {
        long wanted = Math.min(length, requestLength - covered);
        if (count > 0 && states[count - 1] == state) {
            lengths[count - 1] += wanted;
        } else if (count == bound) {
            return false;
        } else if (wanted > 0) {
            append(wanted, state);
        }
        covered += wanted;
        return covered < requestLength;
    }

    private void append(long length, int state) {
        if (count == lengths.length) {
            lengths = Arrays.copyOf(lengths, count * 2);
            states = Arrays.copyOf(states, count * 2);
        }
        lengths[count] = length;
        states[count] = state;
        count++;
    }

    public int count() {
        return count;
    }

    /** No more than the request's. */
    long length(int index) {
        return lengths[index];
    }

    int state(int index) {
        return states[index];
    }
}
