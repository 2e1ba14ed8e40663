package io.lsmbd.planted;

/** Violates: time, threads and chance come from the environment; one call for each kind. */
final class ClockReader {

    private ClockReader() {}

    static long clock() {
        return System.nanoTime();
    }

    static Thread thread() {
        return Thread.ofVirtual().unstarted(() -> {});
    }

    static String chance() {
        return java.util.UUID.randomUUID().toString();
    }
}
