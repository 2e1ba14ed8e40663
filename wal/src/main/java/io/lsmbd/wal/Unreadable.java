package io.lsmbd.wal;

import java.util.Optional;

/**
 * A place in the log where a record was, or may have been, and cannot be read.
 *
 * @param file its path
 * @param offset in that file
 * @param lengthBytes up to where records can be read again, or to where the file's end
 * @param problem what is wrong there
 * @param record which record it was, if its header at least is right
 */
public record Unreadable(
        String file,
        long offset,
        long lengthBytes,
        String problem,
        Optional<WalRecordInfo> record) {}
