package io.lsmbd.testkit;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Spoils well-formed input in the ways that parsers have been known to fall over: flipped bits,
 * numbers at the edges of their types, pieces left out, doubled, or put somewhere else. What it
 * does follows from the generator alone.
 */
public final class Mutator {
    private static final int MOST_CHANGES = 4;

    /** Where off-by-one errors, sign errors and overflows live. */
    private static final long[] EDGES = {
        0,
        1,
        -1,
        2,
        7,
        8,
        511,
        512,
        513,
        4095,
        4096,
        4097,
        (1 << 15) - 1,
        1 << 15,
        (1 << 16) - 1,
        1 << 16,
        1 << 20,
        (1 << 25) + 1,
        1 << 26,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xffff_fffeL,
        0xffff_ffffL,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE - 511,
        1L << 40
    };

    private final RandomGenerator random;

    public Mutator(RandomGenerator random) {
        this.random = random;
    }

    /** One of the numbers that are most likely to be handled wrongly. */
    public long edge() {
        return EDGES[random.nextInt(EDGES.length)];
    }

    /** A copy with a few changes; longer or shorter by less than what was there. */
    public byte[] mutate(byte[] sample) {
        byte[] bytes = sample.clone();
        for (int changes = 1 + random.nextInt(MOST_CHANGES); changes > 0; changes--) {
            if (bytes.length == 0) {
                return bytes;
            }
            bytes = change(bytes);
        }
        return bytes;
    }

    private byte[] change(byte[] bytes) {
        int at = random.nextInt(bytes.length);
        int to = at + random.nextInt(Math.min(64, bytes.length - at) + 1);
        switch (random.nextInt(8)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt();
            case 2, 3 -> putEdge(bytes, at);
            case 4 -> Arrays.fill(bytes, at, to, (byte) (random.nextBoolean() ? 0 : -1));
            case 5 -> {
                return splice(bytes, at, at, Arrays.copyOfRange(bytes, at, to));
            }
            case 6 -> {
                return splice(bytes, at, to, new byte[0]);
            }
            default -> {
                byte[] noise = new byte[random.nextInt(16)];
                random.nextBytes(noise);
                return splice(bytes, at, at, noise);
            }
        }
        return bytes;
    }

    /** Big-endian, of any width that fits. */
    private void putEdge(byte[] bytes, int at) {
        long value = edge();
        int width = Math.min(1 << random.nextInt(4), bytes.length - at);
        for (int i = 0; i < width; i++) {
            bytes[at + i] = (byte) (value >>> (8 * (width - 1 - i)));
        }
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte[] between) {
        byte[] result = new byte[bytes.length - (to - from) + between.length];
        System.arraycopy(bytes, 0, result, 0, from);
        System.arraycopy(between, 0, result, from, between.length);
        System.arraycopy(bytes, to, result, from + between.length, bytes.length - to);
        return result;
    }
}
