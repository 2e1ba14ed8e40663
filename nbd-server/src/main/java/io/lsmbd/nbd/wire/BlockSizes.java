package io.lsmbd.nbd.wire;

/** "Block size constraints", in bytes. */
public record BlockSizes(int minimum, int preferred, int maximumPayload) {
    private static final int MAX_MINIMUM = 64 << 10;
    private static final int LEAST_PREFERRED = 512;

    public BlockSizes {
        if (Integer.bitCount(minimum) != 1 || minimum > MAX_MINIMUM) {
            throw new IllegalArgumentException("not a minimum block size: " + minimum);
        }
        if (Integer.bitCount(preferred) != 1 || preferred < Math.max(LEAST_PREFERRED, minimum)) {
            throw new IllegalArgumentException("not a preferred block size: " + preferred);
        }
        if (maximumPayload < preferred || maximumPayload % minimum != 0) {
            throw new IllegalArgumentException("not a maximum payload: " + maximumPayload);
        }
    }
}
