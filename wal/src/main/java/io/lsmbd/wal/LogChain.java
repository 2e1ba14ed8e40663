package io.lsmbd.wal;

import io.lsmbd.error.CorruptDataException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The files that the log runs through, oldest first, found by following the headers from the newest
 * file back; and those beside it, whose records an earlier recovery dropped.
 */
record LogChain(List<WalFile> files, List<WalFile> dead) {
    /**
     * @param all every file of the directory, by sequence number
     * @throws CorruptDataException if a file is missing or two contradict each other
     */
    static LogChain of(List<WalFile> all, LogFiles names) throws CorruptDataException {
        Map<Long, WalFile> bySequence = new HashMap<>();
        all.forEach(file -> bySequence.put(file.header.sequence(), file));
        ArrayDeque<WalFile> chain = new ArrayDeque<>();
        WalFile file = all.isEmpty() ? null : all.getLast();
        while (file != null) {
            chain.addFirst(file);
            long previous = file.header.previousSequence();
            WalFile before = bySequence.get(previous);
            if (before != null) {
                checkNeighbours(before, file, names);
            } else if (all.getFirst().header.sequence() < file.header.sequence()) {
                // The oldest file's predecessor was recycled; any other's must be there.
                throw new CorruptDataException(
                        names.path(LogFiles.name(previous)),
                        0,
                        "the file is missing, though %s follows it and older files are there"
                                .formatted(file.name));
            }
            file = before;
        }
        List<WalFile> dead = new ArrayList<>(all);
        dead.removeAll(chain);
        return new LogChain(List.copyOf(chain), List.copyOf(dead));
    }

    private static void checkNeighbours(WalFile before, WalFile after, LogFiles names)
            throws CorruptDataException {
        long end = after.header.previousEnd();
        boolean possible =
                before.header.limit() <= after.base()
                        && (end == 0
                                || (end >= before.header.firstRecord()
                                        && end <= before.header.limit()));
        if (!possible) {
            throw new CorruptDataException(
                    names.path(after.name),
                    0,
                    "its header %s does not follow %s".formatted(after.header, before.header));
        }
    }

    /** Where records of the i-th file end if the next one's header tells, else the file's limit. */
    long limit(int i) {
        return isCut(i) ? files.get(i + 1).header.previousEnd() : files.get(i).header.limit();
    }

    /** Whether a recovery decided where the i-th file ends. */
    boolean isCut(int i) {
        return i + 1 < files.size() && files.get(i + 1).header.previousEnd() != 0;
    }
}
