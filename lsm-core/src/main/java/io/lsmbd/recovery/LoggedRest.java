package io.lsmbd.recovery;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.manifest.Manifest;
import io.lsmbd.manifest.Writer;
import io.lsmbd.wal.Lineage;
import io.lsmbd.wal.WalRecords;
import io.lsmbd.write.Replay;
import java.util.Optional;

/**
 * What a log holds of a volume beyond its segments.
 *
 * @param all the volume's records, by epoch, then LSN
 * @param manifest tells which of them continue the segments: those of the lineage of its writer
 */
record LoggedRest(WalRecords all, Manifest manifest) {
    /** The log's records that no segment holds, of one unbroken lineage, without a gap. */
    Replay beyond(long committedLsn, Lineage lineage) throws CorruptDataException {
        int from = leftOver();
        while (from < all.size() && all.lsn(from) <= committedLsn) {
            from++;
        }
        // Records of an earlier lineage may contradict ours, and are not replayed.
        Optional<CorruptDataException> problem =
                leftOver() == 0 ? all.problem(committedLsn) : Optional.empty();
        if (problem.isPresent()) {
            throw problem.get();
        }
        long expected = committedLsn + 1;
        for (int i = from; i < all.size(); i++, expected++) {
            if (all.lsn(i) != expected) {
                throw new CorruptDataException(
                        "log of volume " + manifest.name(),
                        0,
                        "record %d is missing, %d follows".formatted(expected, all.lsn(i)));
            }
        }
        return new Replay(all, from, lineage);
    }

    /** Records come by epoch, then LSN: those of before another host had the volume are first. */
    int leftOver() {
        int count = 0;
        while (count < all.size() && all.epoch(count) < since()) {
            count++;
        }
        return count;
    }

    /** The first epoch of the writer's lineage. */
    long since() {
        Writer writer = manifest.writer();
        return writer == null ? manifest.epoch() : writer.lineageEpoch();
    }
}
