package io.lsmbd.testkit;

import java.time.Duration;

/** One way in which a request to an object store goes wrong, or only oddly. */
public sealed interface Fault {
    /** The store never saw it: nothing happened, and the caller cannot know that. */
    record LostRequest() implements Fault {}

    /** The store did it, but the answer did not arrive. */
    record LostReply() implements Fault {}

    /** The store said for certain that it did not do it, as with status 503. */
    record Unavailable() implements Fault {}

    /** It takes that long, then it is done. */
    record Delay(Duration duration) implements Fault {}

    /** It waits until the gate is opened, then it is done. */
    record Hang(Gate gate) implements Fault {}

    /** A put is reported unknown at once, and done when the gate is opened: a zombie. */
    record LatePut(Gate gate) implements Fault {}

    /** A read or get answers with one bit flipped, that many bits modulo the answer's length in. */
    record FlippedBit(long bit) implements Fault {}

    /**
     * A read or get answers with fewer bytes; a read must then fail, a get brings the beginning.
     */
    record ShortBody(int missingBytes) implements Fault {}

    /** A list does not show the keys that were put last. */
    record StaleList(int newestKeys) implements Fault {}
}
