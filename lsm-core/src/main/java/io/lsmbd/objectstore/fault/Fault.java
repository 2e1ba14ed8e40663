package io.lsmbd.objectstore.fault;

import java.time.Duration;

/** One way in which a request to an object store goes wrong, or only oddly. */
public sealed interface Fault {
    /** The store never saw it: nothing happened, and the caller cannot know that. */
    record LostRequest() implements Fault {}

    /** The store did it, but the answer did not arrive. */
    record LostReply() implements Fault {}

    /** The store said for certain that it did not do it. */
    record Unavailable() implements Fault {}

    /** The store said so because it has too many requests, as with status 503 SlowDown. */
    record SlowDown() implements Fault {}

    /** It takes that long, then it is done. */
    record Delay(Duration duration) implements Fault {}

    /** It is done at once; the answer takes that long. */
    record LateReply(Duration duration) implements Fault {}

    /** The body of a put, get or read goes over the line no faster than that. */
    record SlowBody(long bytesPerSecond) implements Fault {
        public SlowBody {
            if (bytesPerSecond <= 0) {
                throw new IllegalArgumentException("a line of " + bytesPerSecond + " B/s");
            }
        }

        /** How long that many bytes take. */
        Duration timeOf(long bytes) {
            return Duration.ofMillis(bytes * 1000 / bytesPerSecond);
        }
    }

    /** It waits until the gate is opened, then it is done. */
    record Hang(Gate gate) implements Fault {}

    /** Nothing is heard for that long; then the caller gives up. The store never saw it. */
    record Silence(Duration duration) implements Fault {}

    /** A put is reported unknown at once, and done when the gate is opened: a zombie. */
    record LatePut(Gate gate) implements Fault {}

    /** A put is reported unknown at once, and done after that time: a zombie. */
    record LatePutAfter(Duration delay) implements Fault {}

    /** A put meets another request at the same object, as with status 409: it is not done. */
    record Conflict() implements Fault {}

    /** A conditional put is told that its condition does not hold, and is not done. */
    record RefusedCondition() implements Fault {}

    /**
     * A conditional put is done, and told that its condition does not hold: something on the way
     * sent it twice.
     */
    record MetItself() implements Fault {}

    /** A read or get answers with one bit flipped, that many bits modulo the answer's length in. */
    record FlippedBit(long bit) implements Fault {}

    /**
     * A read or get answers with fewer bytes; a read must then fail, a get brings the beginning.
     */
    record ShortBody(int missingBytes) implements Fault {}

    /** A list does not show the keys that were put last. */
    record StaleList(int newestKeys) implements Fault {}
}
