package io.lsmbd.wal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Zeroes over {@code sectors} whole sectors from {@code lba} on, and the sectors before and behind
 * them, of which they cover a part, as they are to be.
 *
 * @param sectors may be 0 if there are edges
 * @param head the sector before {@code lba}, 512 bytes; null if that is not touched
 * @param tail the sector behind the range, 512 bytes; null if that is not touched
 */
public record UnalignedZeroes(
        long lba, long sectors, @Nullable ByteBuffer head, @Nullable ByteBuffer tail) {
    public UnalignedZeroes {
        if (lba < 0 || sectors < 0 || (sectors == 0 && head == null && tail == null)) {
            throw new IllegalArgumentException("nothing: lba=" + lba + " sectors=" + sectors);
        }
    }

    int edges() {
        return (head == null ? 0 : 1) + (tail == null ? 0 : 1);
    }

    int records() {
        return edges() + (sectors > 0 ? 1 : 0);
    }
}
