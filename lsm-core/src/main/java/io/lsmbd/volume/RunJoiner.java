package io.lsmbd.volume;

import io.lsmbd.model.Sectors;
import org.jspecify.annotations.Nullable;

/** Joins neighbours of one state and clips them to the bytes that were asked for. */
final class RunJoiner<S> {
    /** As the visitors of {@link BlockVolume}. */
    interface Visitor<S> {
        boolean run(long offsetBytes, long lengthBytes, S state);
    }

    private final Visitor<S> visitor;
    private final long endBytes;
    private long fromBytes;
    private long toBytes;
    private @Nullable S state;
    private boolean isWanted = true;

    RunJoiner(long offsetBytes, long lengthBytes, Visitor<S> visitor) {
        this.visitor = visitor;
        this.fromBytes = offsetBytes;
        this.toBytes = offsetBytes;
        this.endBytes = offsetBytes + lengthBytes;
    }

    /** Whether the visitor has not said stop. */
    boolean isWanted() {
        return isWanted;
    }

    /** The next part: from where the last one ended, or the sector in which the range begins. */
    void add(long fromLba, long toLba, S next) {
        long to = Math.min(endBytes, toLba << Sectors.SHIFT);
        if (fromLba == toLba || to <= toBytes) {
            return;
        }
        if (!next.equals(state)) {
            finish();
            state = next;
        }
        toBytes = to;
    }

    /** There is no more. */
    void finish() {
        if (isWanted && state != null && toBytes > fromBytes) {
            isWanted = visitor.run(fromBytes, toBytes - fromBytes, state);
        }
        fromBytes = toBytes;
    }
}
