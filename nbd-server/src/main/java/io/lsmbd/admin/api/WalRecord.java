package io.lsmbd.admin.api;

/**
 * A record of the log.
 *
 * @param offset of its header in the file
 * @param volume its id
 * @param kind write, trim or zero
 * @param crc32c of the payload; zero without
 * @param continues the client's request goes on in the record of the next LSN
 */
public record WalRecord(
        String file,
        long offset,
        String volume,
        long epoch,
        long lsn,
        String kind,
        long lba,
        long sectors,
        String crc32c,
        boolean continues) {}
