package io.lsmbd.wal;

import java.util.Map;

/**
 * Which records of a volume in this log belong to its history. Those of epochs from {@code since}
 * on do. Between an older epoch and that, another host had the volume and went on from what
 * segments held: a record beyond that is left over, its LSN is another write's now, and only a
 * person can let go of it.
 *
 * @param since the first epoch of an unbroken chain of writers that used this log
 * @param held of older epochs, up to which LSN segments hold the epoch's records; of one that is
 *     not named, nothing is known to be held
 */
public record Lineage(long since, Map<Long, Long> held) {
    /** No other host ever had the volume. */
    public static final Lineage UNBROKEN = new Lineage(0, Map.of());

    public Lineage {
        held = Map.copyOf(held);
    }
}
