package io.lsmbd.segment;

/**
 * Decides whether a frame is worth the attempt. Data that does not compress (encrypted, media,
 * archives) comes in long runs: after a few frames in a row that did not pay, ever longer stretches
 * are stored plain between attempts, until one pays again.
 */
final class CompressionTrial {
    private static final int PATIENCE = 4;
    private static final int MAX_SKIPPED = 32;

    private int failures;
    private int toSkip;

    boolean isWorthwhile() {
        if (toSkip > 0) {
            toSkip--;
            return false;
        }
        return true;
    }

    /** Less than an eighth saved does not pay for opening the frame at every read. */
    boolean pays(int plainBytes, int compressedBytes) {
        boolean pays = compressedBytes <= plainBytes - plainBytes / 8 && compressedBytes > 0;
        if (pays) {
            failures = 0;
        } else {
            failures++;
            int beyond = Math.min(failures - PATIENCE, Integer.numberOfTrailingZeros(MAX_SKIPPED));
            toSkip = beyond < 0 ? 0 : 1 << beyond;
        }
        return pays;
    }
}
